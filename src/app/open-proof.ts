import type { TenantTx } from '../db/store.ts';
import { openRun, type Run } from '../intake/runs.ts';
import type { Deps } from './deps.ts';
import { pullWork, request } from './request.ts';

/** Asks for one stream to be proven by keys, now. Returns the run. */
export async function openProof(
  deps: Pick<Deps, 'queue'>,
  tx: TenantTx,
  proof: {
    readonly connection: string;
    readonly stream: string;
    readonly by: string;
    readonly trigger?: Run['trigger'];
  },
): Promise<string> {
  const { connection, stream, by, trigger = 'schedule' } = proof;
  const runId = await openRun(tx, {
    connection,
    trigger,
    requestedBy: by,
    full: false,
    keysOnly: true,
    streams: [stream],
  });
  await request(deps, tx, [pullWork(runId, stream)]);
  return runId;
}
