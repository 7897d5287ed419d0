import { count } from './happenings.ts';
import { hasSucceeded } from './run-state.ts';
import type { Simulation } from './simulation.ts';
import { virtualTime } from './virtual-time.ts';

/** Long enough to lie before the end of the window, and well within its overlap. */
const LATE_SECONDS = 120;

/**
 * Between the last page of a read and its proof one record is committed late into the window, and another one leaves
 * it: their numbers agree (F-33). A read that closes nevertheless holds the late one.
 */
export async function ambush(simulation: Simulation): Promise<readonly string[]> {
  const { store, tenantId, turns, tally, vendor } = simulation;
  const [stream] = vendor.streams;
  if (vendor.proves === undefined || stream === undefined) return [];
  const object = stream.name;
  const edited = await simulation.mutate({ object, operation: 'create', fields: { Name: 'Moves' } });
  virtualTime.advanceTo(virtualTime.now() + 5_000);
  let late: string | null = null;
  simulation.onProof(async () => {
    const create = { object, operation: 'create', fields: { Name: 'Late' } };
    late = await simulation.mutate({ ...create, lateSeconds: LATE_SECONDS });
    const fields = { Name: 'Moved' };
    await simulation.mutate({ object, operation: 'update', id: edited, fields });
  });
  const runId = await simulation.pull(false);
  simulation.undisturbed.delete(runId);
  await turns.drain(1);
  if (late === null) return [];
  count(tally, 'reads changed before their proof');
  if (!(await hasSucceeded(simulation, runId))) return [];
  const rows = await store.readTenant(tenantId, (tx) =>
    tx.sql(`select from source_record r where r.stream = $1 and r.record_id = $2`, [object, late]),
  );
  return rows.length > 0 ? [] : [`a read of ${object} closed without ${String(late)} of its window`];
} // prettier-ignore
