import type { TenantTx } from '../db/store.ts';
import type { JsonObject } from '../kernel/hash.ts';

/** An entry of the audit as it is kept. */
export interface AuditEvent {
  readonly id: string;
  readonly at: Date;
  readonly actor: string;
  readonly action: string;
  readonly subjectType: string;
  readonly subjectId: string;
  readonly details: JsonObject;
}

/** Entries, newest first; `subject` is the id of what they are about, `before` the id of an entry. */
export async function listAudit(
  tx: TenantTx,
  filter: {
    readonly subject?: string | undefined;
    readonly actor?: string | undefined;
    readonly before?: string | undefined;
    readonly limit: number;
  },
): Promise<readonly AuditEvent[]> {
  return await tx.sql<AuditEvent>(
    `select e.id, e.at, e.actor, e.action, e.subject_type as "subjectType", e.subject_id as "subjectId", e.details
     from audit_event e
     where ($1::text is null or e.subject_id = $1) and ($2::text is null or e.actor = $2) and ($3::text is null or e.id < $3)
     order by e.id desc limit $4`,
    [filter.subject ?? null, filter.actor ?? null, filter.before ?? null, filter.limit],
  );
}
