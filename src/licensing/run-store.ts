import type { TenantTx } from '../db/store.ts';
import type { Position } from './figures.ts';
import type { LicensingTables, PositionRow, RunRow } from './tables.ts';

const LINE_COLUMNS = [
  'line_id', 'posture', 'owner_ref', 'owner_name', 'sku_code', 'metric_code', 'status', 'rights_owned',
  'rights_required', 'rights_in_use', 'surplus', 'shortfall', 'true_up_cost', 'currency', 'body', 'inputs', 'steps',
] as const; // prettier-ignore

/** One writer of runs per tenant at a time, so that findings open and resolve in the order of the runs. */
export async function lockRuns(tx: TenantTx): Promise<void> {
  await tx.sql('select pg_advisory_xact_lock(hashtextextended($1, 0))', [
    `reconciliation ${tx.tenantId}`,
  ]);
}

export async function insertRun(tx: TenantTx, run: Omit<RunRow, 'tenant_id'>): Promise<void> {
  await tx
    .db<LicensingTables>()
    .insertInto('reconciliation_run')
    .values({
      ...run,
      tenant_id: tx.tenantId,
      rule_versions: JSON.stringify(run.rule_versions),
      rule_sets: JSON.stringify(run.rule_sets),
      factor_tables: JSON.stringify(run.factor_tables),
      counts: JSON.stringify(run.counts),
    })
    .execute();
}

/** Writes all lines of a run in one statement. */
export async function insertPositions(
  tx: TenantTx,
  runId: string,
  positions: readonly Position[],
): Promise<void> {
  if (positions.length === 0) return;
  const staged = await tx.stage('position_line', LINE_COLUMNS, positions.map(toRow));
  const columns = LINE_COLUMNS.join(', ');
  await tx.run(
    `insert into position_line (tenant_id, run_id, ${columns}) select $1, $2, ${columns} from ${staged.table}`,
    [tx.tenantId, runId],
  );
}

function toRow({ line, inputs, steps }: Position): readonly (string | null)[] {
  return [
    line.id,
    line.posture,
    line.ownerRef,
    line.ownerName,
    line.skuCode,
    line.metricCode,
    line.status,
    line.rightsOwned,
    line.rightsRequired,
    line.rightsInUse,
    line.surplus,
    line.shortfall,
    line.trueUpCost,
    line.currency,
    JSON.stringify(line),
    JSON.stringify(inputs),
    JSON.stringify(steps),
  ];
}

export async function selectRuns(
  tx: TenantTx,
  filter: {
    readonly id?: string | undefined;
    readonly currentOnly?: boolean;
    /** Only runs over a day before this one. */
    readonly before?: string;
    readonly limit: number;
  },
): Promise<readonly RunRow[]> {
  let query = tx
    .db<LicensingTables>()
    .selectFrom('reconciliation_run')
    .selectAll('reconciliation_run')
    .orderBy('reconciliation_run.id', 'desc')
    .limit(filter.limit);
  if (filter.id !== undefined) query = query.where('reconciliation_run.id', '=', filter.id);
  if (filter.currentOnly === true) query = query.where('reconciliation_run.current', '=', true);
  if (filter.before !== undefined)
    query = query.where('reconciliation_run.as_of', '<', filter.before);
  return await query.execute();
}

export interface PositionFilter {
  readonly lineId?: string | undefined;
  readonly posture?: 'licensor' | 'licensee' | undefined;
  readonly status?: string | undefined;
  readonly ownerRef?: string | undefined;
  readonly skuCode?: string | undefined;
  /** Keyset: only lines after this line id. */
  readonly after?: string | undefined;
  readonly limit?: number | undefined;
}

export async function selectPositions(
  tx: TenantTx,
  runId: string,
  filter: PositionFilter,
): Promise<readonly PositionRow[]> {
  const equal = {
    line_id: filter.lineId,
    posture: filter.posture,
    status: filter.status,
    owner_ref: filter.ownerRef,
    sku_code: filter.skuCode,
  } as const;
  let query = tx
    .db<LicensingTables>()
    .selectFrom('position_line')
    .selectAll('position_line')
    .where('position_line.run_id', '=', runId)
    .orderBy('position_line.line_id');
  for (const column of ['line_id', 'posture', 'status', 'owner_ref', 'sku_code'] as const) {
    const value = equal[column];
    if (value !== undefined) query = query.where(`position_line.${column}`, '=', value);
  }
  if (filter.after !== undefined) query = query.where('position_line.line_id', '>', filter.after);
  if (filter.limit !== undefined) query = query.limit(filter.limit);
  return await query.execute();
}
