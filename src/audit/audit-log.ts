import type { TenantTx } from '../db/store.ts';
import type { JsonObject } from '../kernel/hash.ts';
import { newId } from '../kernel/ids.ts';

/** One thing that somebody, or a named part of the program, did. `details` holds ids and names, never secrets. */
export interface AuditEntry {
  /** `person:<id>`, `key:<id>`, `directory:<connection>` for who pushes into it, or `system:<job>`. */
  readonly actor: string;
  /** Verb in the past, such as `connection.added`, `plan.approved`. */
  readonly action: string;
  readonly subject: { readonly type: string; readonly id: string };
  readonly details?: JsonObject;
}

/** Writes an audit entry in the transaction of the change that it tells of. */
export async function appendAudit(tx: TenantTx, entry: AuditEntry): Promise<void> {
  await tx.run(
    `insert into audit_event (tenant_id, id, actor, action, subject_type, subject_id, details)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [
      tx.tenantId,
      newId('aud'),
      entry.actor,
      entry.action,
      entry.subject.type,
      entry.subject.id,
      JSON.stringify(entry.details ?? {}),
    ],
  );
}
