import type { Simulation } from './simulation.ts';

export async function hasSucceeded(
  { store, tenantId }: Pick<Simulation, 'store' | 'tenantId'>,
  runId: string,
): Promise<boolean> {
  const rows = await store.readTenant(tenantId, (tx) =>
    tx.sql(`select from run where id = $1 and status = 'succeeded'`, [runId]),
  );
  return rows.length === 1;
}
