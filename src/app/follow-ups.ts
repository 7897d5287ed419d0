import type { NounName } from '../canonical/nouns.ts';
import type { TenantTx } from '../db/store.ts';
import { getConnection, type Connection } from '../intake/connections.ts';
import { endReplay } from '../intake/replays.ts';
import { getRun, isRunComplete } from '../intake/runs.ts';
import type { Deps } from './deps.ts';
import { givesOthers } from './inbound-streams.ts';
import { decideRemovals } from './people-guard.ts';
import { request } from './request.ts';
import { tell } from './tell.ts';

const RIGHTS = 'sync-entitlements';

/** What follows a run, by what its system is to the business. */
const FOLLOW_UPS: Readonly<Record<Connection['role'], readonly string[]>> = {
  crm: ['detect-closed-won', RIGHTS],
  erp: ['detect-closed-won', RIGHTS],
  file: [RIGHTS],
  directory: [],
  usage: [],
  assets: [],
};

/** What only the detection of deals reads: rights come from other facts, and a deal asks for them itself. */
const OF_DEALS: readonly NounName[] = ['opportunity', 'opportunityLine', 'opportunityStage', 'stageTransition']; // prettier-ignore

/**
 * Asks for what follows once all of a run is read and mapped. Called where a stream ends and where a page is mapped:
 * either can be the last step.
 */
export async function followRun(
  deps: Pick<Deps, 'queue' | 'mappings'>,
  tx: TenantTx,
  run: { readonly id: string; readonly connection: string },
): Promise<void> {
  await endReplay(tx, run.id);
  if (!(await isRunComplete(tx, run.id))) return;
  // What is to be mapped now ends the run once more.
  if (await decideRemovals(deps, tx, run.connection)) return;
  const { status, streams } = await getRun(tx, run.id);
  await tell(tx, {
    type: 'run.completed',
    subject: `run:${run.id}`,
    data: {
      runId: run.id,
      connection: run.connection,
      status,
    },
    once: true,
  });
  const connection = await getConnection(tx, run.connection);
  const read = { streams: streams.map(({ stream }) => stream), but: OF_DEALS };
  const jobs = (await givesOthers(deps, tx, connection, read))
    ? FOLLOW_UPS[connection.role]
    : FOLLOW_UPS[connection.role].filter((job) => job !== RIGHTS);
  await request(
    deps,
    tx,
    jobs.map((job) => ({ job, key: '', payload: {} })),
  );
}
