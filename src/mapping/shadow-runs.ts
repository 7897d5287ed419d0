import type { TenantTx } from '../db/store.ts';
import { NotFoundError } from '../kernel/errors.ts';
import { newId } from '../kernel/ids.ts';
import type { ComparedItem, Outcome } from './compare-readings.ts';

/** What a shadow run found, in exact totals. */
export interface ShadowTotals {
  readonly lookedAt: number;
  readonly counts: Readonly<Record<Outcome, number>>;
  /** How many records differ in each target field, between the draft and what is in effect or the target. */
  readonly fields: Readonly<Record<string, number>>;
  readonly differing: number;
}

/** A draft beside the version in effect over landed records. */
export interface ShadowRun extends ShadowTotals {
  readonly id: string;
  readonly mappingId: string;
  readonly connection: string;
  readonly object: string;
  readonly draftHash: string;
  readonly liveHash: string | null;
  readonly requestedBy: string;
  readonly state: 'running' | 'done' | 'cancelled' | 'failed';
  readonly wanted: number;
  readonly message: string | null;
  readonly startedAt: Date;
  readonly endedAt: Date | null;
}

/** A record that differs. */
export interface ShadowDifference {
  readonly recordId: string;
  readonly outcome: Outcome;
  /** Why the draft does not map it; null where it does. */
  readonly error: ShadowError | null;
  readonly items: readonly ComparedItem[];
}

export interface ShadowError {
  readonly code: string;
  readonly message: string;
  readonly row: string | null;
  readonly path: string | null;
}

/** Shadow runs of one mapping that are kept; older ones go. */
const KEPT = 20;

const COLUMNS = `s.id, s.mapping_id as "mappingId", s.connection, s.object, s.draft_hash as "draftHash",
  s.live_hash as "liveHash", s.requested_by as "requestedBy", s.state, s.wanted, s.looked_at as "lookedAt", s.counts,
  s.fields, s.differing, s.message, s.started_at as "startedAt", s.ended_at as "endedAt"`;

/** No run takes that long; one that still counts as running lost its process. */
const LOST_AFTER = '1 hour';

/** Opens a shadow run, lets the oldest of the mapping go, and ends those that lost their process. */
export async function openShadow(
  tx: TenantTx,
  run: Pick<
    ShadowRun,
    'mappingId' | 'connection' | 'object' | 'draftHash' | 'liveHash' | 'requestedBy' | 'wanted'
  >,
): Promise<string> {
  const id = newId('shd');
  await tx.run(
    `update mapping_shadow set state = 'failed', message = 'The process that ran it ended.', ended_at = app.clock()
     where state = 'running' and started_at < app.clock() - $1::interval`,
    [LOST_AFTER],
  );
  await tx.run(
    `insert into mapping_shadow (tenant_id, id, mapping_id, connection, object, draft_hash, live_hash, requested_by, wanted)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      tx.tenantId,
      id,
      run.mappingId,
      run.connection,
      run.object,
      run.draftHash,
      run.liveHash,
      run.requestedBy,
      run.wanted,
    ],
  );
  await tx.run(
    `delete from mapping_shadow s where s.mapping_id = $1 and s.id in (
       select o.id from mapping_shadow o where o.mapping_id = $1 order by o.id desc offset $2)`,
    [run.mappingId, KEPT],
  );
  return id;
}

/** Adds a chunk: the totals by now, and the differences that are kept. False if the run was ended meanwhile. */
export async function addToShadow(
  tx: TenantTx,
  id: string,
  totals: ShadowTotals,
  kept: { readonly from: number; readonly differences: readonly ShadowDifference[] },
): Promise<boolean> {
  const touched = await tx.run(
    `update mapping_shadow set looked_at = $2, counts = $3, fields = $4, differing = $5 where id = $1 and state = 'running'`,
    [
      id,
      totals.lookedAt,
      JSON.stringify(totals.counts),
      JSON.stringify(totals.fields),
      totals.differing,
    ],
  );
  if (touched === 0) return false;
  if (kept.differences.length === 0) return true;
  const rows = kept.differences.map(({ recordId, outcome, error, items }, at) => ({
    position: kept.from + at,
    recordId,
    outcome,
    body: { error, items },
  }));
  await tx.run(
    `insert into mapping_shadow_difference (tenant_id, shadow_id, position, record_id, outcome, body)
     select $1, $2, d.position, d."recordId", d.outcome, d.body
     from jsonb_to_recordset($3::jsonb) as d (position int, "recordId" text, outcome text, body jsonb)`,
    [tx.tenantId, id, JSON.stringify(rows)],
  );
  return true;
}

/** Ends a running one. False if it had ended. */
export async function endShadow(
  tx: TenantTx,
  id: string,
  state: 'done' | 'cancelled' | 'failed',
  message: string | null = null,
): Promise<boolean> {
  const touched = await tx.run(
    `update mapping_shadow set state = $2, message = $3, ended_at = app.clock() where id = $1 and state = 'running'`,
    [id, state, message],
  );
  return touched > 0;
}

/** One shadow run. Throws NotFoundError. */
export async function getShadow(tx: TenantTx, id: string): Promise<ShadowRun> {
  const [run] = await tx.sql<ShadowRun>(`select ${COLUMNS} from mapping_shadow s where s.id = $1`, [
    id,
  ]);
  if (run !== undefined) return run;
  throw new NotFoundError(
    `There is no shadow run "${id}". Of each mapping the last ${KEPT} are kept.`,
  );
}

/** The shadow runs of a mapping (of all without one), newest first. */
export async function listShadows(
  tx: TenantTx,
  filter: {
    readonly mapping?: string | undefined;
    readonly before?: string | undefined;
    readonly limit: number;
  },
): Promise<readonly ShadowRun[]> {
  return tx.sql<ShadowRun>(
    `select ${COLUMNS} from mapping_shadow s
     where ($1::text is null or s.mapping_id = $1) and ($2::text is null or s.id < $2) order by s.id desc limit $3`,
    [filter.mapping ?? null, filter.before ?? null, filter.limit],
  );
}

/** The kept differences of a shadow run, from a position on. */
export async function shadowDifferences(
  tx: TenantTx,
  id: string,
  page: { readonly from: number; readonly limit: number; readonly outcome?: string | undefined },
): Promise<readonly (ShadowDifference & { readonly position: number })[]> {
  const rows = await tx.sql<{
    readonly position: number;
    readonly recordId: string;
    readonly outcome: Outcome;
    readonly body: Pick<ShadowDifference, 'error' | 'items'>;
  }>(
    `select d.position, d.record_id as "recordId", d.outcome, d.body from mapping_shadow_difference d
     where d.shadow_id = $1 and d.position >= $2 and ($4::text is null or d.outcome = $4)
     order by d.position limit $3`,
    [id, page.from, page.limit, page.outcome ?? null],
  );
  return rows.map(({ body, ...row }) => ({ ...row, ...body }));
}
