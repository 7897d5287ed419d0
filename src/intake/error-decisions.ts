import type { TenantTx } from '../db/store.ts';

/** What a person said of a cause, of one record that waits, or of one write. */
export interface ErrorDecision {
  readonly subject: string;
  /** The id of who looks after it; null where nobody was named for it. */
  readonly owner: string | null;
  /** Until when it is left alone, with the reason; null while it is not. */
  readonly ignored: {
    readonly until: Date;
    readonly reason: string;
    readonly by: string;
    readonly at: Date;
  } | null;
}

/**
 * True of a row `alias` with an `id` and a `cause` that somebody left alone, itself or its cause, until a time that has
 * not come yet: when it comes the row is back by itself.
 */
export function isIgnored(alias: string): string {
  return `exists (select from error_decision d where d.tenant_id = ${alias}.tenant_id
    and d.subject in (${alias}.id, ${alias}.cause) and d.ignored_until > app.clock())`;
}

/** As {@link isIgnored}, of the row alone: what is left alone with its cause stays in the figures of the cause. */
export function isIgnoredAlone(alias: string): string {
  return `exists (select from error_decision d where d.tenant_id = ${alias}.tenant_id
    and d.subject = ${alias}.id and d.ignored_until > app.clock())`;
}

interface Row {
  readonly subject: string;
  readonly owner: string | null;
  readonly until: Date | null;
  readonly reason: string;
  readonly by: string;
  readonly at: Date;
}

/** What was said of some subjects, by subject. An ignoring whose time has come counts no more. */
export async function decisionsOn(
  tx: TenantTx,
  subjects: readonly string[],
): Promise<ReadonlyMap<string, ErrorDecision>> {
  const rows = await tx.sql<Row>(
    `select d.subject, d.owner, case when d.ignored_until > app.clock() then d.ignored_until end as "until",
       d.ignored_reason as reason, d.ignored_by as "by", d.ignored_at as "at"
     from error_decision d where d.subject = any($1)`,
    [[...subjects]],
  );
  return new Map(
    rows.map(({ subject, owner, until, reason, by, at }) => [
      subject,
      { subject, owner, ignored: until === null ? null : { until, reason, by, at } },
    ]),
  );
}

/** Names who looks after it, or nobody again. */
export async function assignError(
  tx: TenantTx,
  subject: string,
  owner: string | null,
): Promise<void> {
  await tx.run(
    `insert into error_decision (tenant_id, subject, owner) values ($1, $2, $3)
     on conflict (tenant_id, subject) do update set owner = excluded.owner, updated_at = app.clock()`,
    [tx.tenantId, subject, owner],
  );
}

/** Leaves it alone until a time. */
export async function ignoreError(
  tx: TenantTx,
  subject: string,
  given: { readonly until: Date; readonly reason: string; readonly by: string },
): Promise<void> {
  await tx.run(
    `insert into error_decision (tenant_id, subject, ignored_until, ignored_reason, ignored_by, ignored_at)
     values ($1, $2, $3, $4, $5, app.clock())
     on conflict (tenant_id, subject) do update set ignored_until = excluded.ignored_until,
       ignored_reason = excluded.ignored_reason, ignored_by = excluded.ignored_by, ignored_at = excluded.ignored_at,
       updated_at = app.clock()`,
    [tx.tenantId, subject, given.until, given.reason, given.by],
  );
}

/** Takes an ignoring back; false where there was none. */
export async function heedError(tx: TenantTx, subject: string): Promise<boolean> {
  const changed = await tx.run(
    `update error_decision set ignored_until = null, ignored_reason = null, ignored_by = null, ignored_at = null,
       updated_at = app.clock() where subject = $1 and ignored_until > app.clock()`,
    [subject],
  );
  return changed > 0;
}
