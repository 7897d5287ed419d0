import type { TenantTx } from '../db/store.ts';
import { getConnection, type Connection } from '../intake/connections.ts';
import { endReplay } from '../intake/replays.ts';
import { getRun, isRunComplete } from '../intake/runs.ts';
import type { Deps } from './deps.ts';
import { decideRemovals } from './people-guard.ts';
import { request } from './request.ts';
import { tell } from './tell.ts';

/** What follows a run, by what its system is to the business. */
const FOLLOW_UPS: Readonly<Record<Connection['role'], readonly string[]>> = {
  crm: ['detect-closed-won', 'sync-entitlements'],
  erp: ['detect-closed-won', 'sync-entitlements'],
  file: ['sync-entitlements'],
  directory: [],
  usage: [],
  assets: [],
};

/**
 * Asks for what follows once all of a run is read and mapped. Called where a stream ends and where a page is mapped:
 * either can be the last step.
 */
export async function followRun(
  deps: Pick<Deps, 'queue'>,
  tx: TenantTx,
  run: { readonly id: string; readonly connection: string },
): Promise<void> {
  await endReplay(tx, run.id);
  if (!(await isRunComplete(tx, run.id))) return;
  // What is to be mapped now ends the run once more.
  if (await decideRemovals(deps, tx, run.connection)) return;
  await tell(tx, {
    type: 'run.completed',
    subject: `run:${run.id}`,
    data: {
      runId: run.id,
      connection: run.connection,
      status: (await getRun(tx, run.id)).status,
    },
    once: true,
  });
  const { role } = await getConnection(tx, run.connection);
  await request(
    deps,
    tx,
    FOLLOW_UPS[role].map((job) => ({ job, key: '', payload: {} })),
  );
}
