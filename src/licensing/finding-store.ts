import { Finding } from '../canonical/finding.ts';
import type { TenantTx } from '../db/store.ts';
import type { LocalDate } from '../kernel/dates.ts';
import { money } from '../kernel/money.ts';
import type { FindingRow, LicensingTables } from './tables.ts';

const COLUMNS = [
  'id', 'kind', 'severity', 'subject_type', 'subject_id', 'sku_code', 'amount', 'currency', 'evidence', 'summary', 'due_at', 'owner',
] as const; // prettier-ignore

/** A known finding that opens anew. */
const AGAIN = `(f.status = 'resolved' or (f.status = 'accepted' and f.accepted_until <= $3))`;

/**
 * Writes what a run of a day found. A finding that was known keeps its owner, its due date and its state; one that had been
 * resolved, or was accepted until that day, is open again with a new due date. Returns how many opened.
 */
export async function upsertFindings(
  tx: TenantTx,
  { runId, asOf }: { readonly runId: string; readonly asOf: LocalDate },
  findings: readonly Finding[],
): Promise<number> {
  if (findings.length === 0) return 0;
  const { table } = await tx.stage('finding', COLUMNS, findings.map(toRow));
  const opened = await tx.sql<{ count: number }>(
    `select count(*) as count from ${table} s
     left join finding f on f.tenant_id = $1 and f.id = s.id
     where f.id is null or f.status = 'resolved' or (f.status = 'accepted' and f.accepted_until <= $2)`,
    [tx.tenantId, asOf],
  );
  const columns = COLUMNS.join(', ');
  await tx.run(
    `insert into finding as f (tenant_id, ${columns}, status, first_run_id, last_run_id, opened_at)
     select $1, ${columns}, 'open', $2, $2, app.clock() from ${table}
     on conflict (tenant_id, id) do update set
       severity = excluded.severity, amount = excluded.amount, currency = excluded.currency,
       evidence = excluded.evidence, summary = excluded.summary, last_run_id = excluded.last_run_id,
       status = case when ${AGAIN} then 'open' else f.status end,
       due_at = case when ${AGAIN} then excluded.due_at else f.due_at end,
       opened_at = case when ${AGAIN} then excluded.opened_at else f.opened_at end,
       accepted_by = case when ${AGAIN} then null else f.accepted_by end,
       accepted_reason = case when ${AGAIN} then null else f.accepted_reason end,
       accepted_until = case when ${AGAIN} then null else f.accepted_until end,
       resolved_at = null`,
    [tx.tenantId, runId, asOf],
  );
  return opened[0]?.count ?? 0;
}

/** Kinds of findings that are about who answers for what, and not about what the systems say. */
export const STANDING_KINDS = ['review_overdue', 'unowned'] as const;

/** Resolves every finding of a reconciliation that the run did not see. Returns how many. */
export async function resolveUnseen(tx: TenantTx, runId: string): Promise<number> {
  return await tx.run(
    `update finding set status = 'resolved', resolved_at = app.clock()
     where tenant_id = $1 and status <> 'resolved' and last_run_id <> $2 and kind <> all($3::text[])`,
    [tx.tenantId, runId, [...STANDING_KINDS]],
  );
}

/** Resolves what was found of one kind about one subject: it was decided here, so no source has to be read whole first. */
export async function resolveAbout(
  tx: TenantTx,
  kind: string,
  subject: { readonly type: string; readonly id: string },
): Promise<void> {
  await tx.run(
    `update finding set status = 'resolved', resolved_at = app.clock()
     where tenant_id = $1 and status <> 'resolved' and kind = $2 and subject_type = $3 and subject_id = $4`,
    [tx.tenantId, kind, subject.type, subject.id],
  );
}

/** Resolves every finding of the standing kinds but these. */
export async function resolveStanding(tx: TenantTx, ids: readonly string[]): Promise<void> {
  await tx.run(
    `update finding set status = 'resolved', resolved_at = app.clock()
     where tenant_id = $1 and status <> 'resolved' and kind = any($2::text[]) and id <> all($3::text[])`,
    [tx.tenantId, [...STANDING_KINDS], [...ids]],
  );
}

/** A finding with its life. */
export interface SavedFinding extends Finding {
  readonly firstRunId: string;
  readonly lastRunId: string;
  readonly openedAt: string;
  readonly resolvedAt: string | null;
  /** Who lives with it, why, and the day from which it is open again; null while nobody does. */
  readonly accepted: {
    readonly by: string;
    readonly reason: string;
    readonly until: LocalDate;
  } | null;
}

export interface FindingFilter {
  readonly id?: string | undefined;
  readonly kind?: string | undefined;
  readonly subjectId?: string | undefined;
  /** Resolved findings are left out unless asked for. */
  readonly status?: Finding['status'] | 'any' | undefined;
  /** Keyset: only findings after this id. */
  readonly after?: string | undefined;
  readonly limit?: number | undefined;
}

export async function selectFindings(
  tx: TenantTx,
  filter: FindingFilter,
): Promise<readonly SavedFinding[]> {
  let query = tx
    .db<LicensingTables>()
    .selectFrom('finding')
    .selectAll('finding')
    .orderBy('finding.id');
  if (filter.id !== undefined) query = query.where('finding.id', '=', filter.id);
  if (filter.kind !== undefined) query = query.where('finding.kind', '=', filter.kind);
  if (filter.subjectId !== undefined)
    query = query.where('finding.subject_id', '=', filter.subjectId);
  if (filter.status === undefined) query = query.where('finding.status', '<>', 'resolved');
  else if (filter.status !== 'any') query = query.where('finding.status', '=', filter.status);
  if (filter.after !== undefined) query = query.where('finding.id', '>', filter.after);
  if (filter.limit !== undefined) query = query.limit(filter.limit);
  return (await query.execute()).map(fromDbFinding);
}

function toRow(finding: Finding): readonly (string | null)[] {
  return [
    finding.id,
    finding.kind,
    finding.severity,
    finding.subject.type,
    finding.subject.id,
    finding.sku,
    finding.amount,
    finding.currency,
    JSON.stringify(finding.evidence),
    finding.summary,
    finding.dueAt,
    finding.owner,
  ];
}

function fromDbFinding(row: FindingRow): SavedFinding {
  const stake =
    row.amount === null || row.currency === null ? null : money(row.amount, row.currency);
  return {
    ...Finding.parse({
      id: row.id,
      kind: row.kind,
      severity: row.severity,
      subject: { type: row.subject_type, id: row.subject_id },
      sku: row.sku_code,
      amount: stake?.amount ?? null,
      currency: stake?.currency ?? null,
      evidence: row.evidence,
      owner: row.owner,
      dueAt: row.due_at,
      status: row.status,
      summary: row.summary,
    }),
    firstRunId: row.first_run_id,
    lastRunId: row.last_run_id,
    openedAt: row.opened_at.toISOString(),
    resolvedAt: row.resolved_at?.toISOString() ?? null,
    accepted: acceptedOf(row),
  };
}

function acceptedOf(row: FindingRow): SavedFinding['accepted'] {
  const { accepted_by: by, accepted_reason: reason, accepted_until: until } = row;
  return by === null || reason === null || until === null ? null : { by, reason, until };
}
