import type { TenantTx } from '../../db/store.ts';
import { isLive, listConnections, type Connection } from '../../intake/connections.ts';
import { noteProofDue } from '../../intake/checkpoints.ts';
import { parkedStreams } from '../../intake/parked-streams.ts';
import { hasRunUnderWay, openRun } from '../../intake/runs.ts';
import { listSchedules, setSchedule } from '../../queue/schedules.ts';
import type { JobContext, ScheduledPullPayload } from '../../sdk/flows.ts';
import { streamsOf } from '../connection-streams.ts';
import type { Deps } from '../deps.ts';
import { proofKey, pullWork, request } from '../request.ts';

const ACTOR = 'system:schedule';
/** How often everything that a connection holds is proven again, unless its schedule is set otherwise: a week. */
const PROOF_SECONDS = 7 * 86_400;
/** A proof waits for the read under way and is not left out as a read is: the next one is a week away. */
const PROOF_AGAIN_MS = 300_000;

/**
 * Reads a connection because its schedule says so. A connection that is paused or gone, or that is being read already,
 * is left alone: the next time comes. Streams that are parked go on by themselves; a proof that they miss is made up for
 * once they have been read.
 */
export async function startScheduledPull(
  deps: Deps,
  context: JobContext,
  payload: ScheduledPullPayload,
): Promise<void> {
  const proof = payload.proof === true;
  await deps.store.withTenant(context.tenantId, async (tx) => {
    await context.hold(tx);
    const connection = (await listConnections(tx)).find((each) => each.id === payload.connection);
    if (connection === undefined || !isLive(connection) || connection.status === 'paused') return;
    await ensureProofs(tx, connection.id);
    if (await hasRunUnderWay(tx, connection.id)) {
      if (proof) await proveLater(deps, tx, payload);
      return;
    }
    if (proof) await noteProofDue(tx, connection.id, await parkedStreams(tx, connection.id));
    const streams = await streamsToRead(deps, tx, connection);
    if (streams.length === 0) return;
    const runId = await openRun(tx, {
      connection: connection.id,
      trigger: 'schedule',
      requestedBy: ACTOR,
      full: false,
      keysOnly: proof,
      streams,
    });
    await request(
      deps,
      tx,
      streams.map((stream) => pullWork(runId, stream)),
    );
  });
}

/**
 * What is not parked: a stream that waits for its time must not hold up the others. Where the credentials are refused,
 * a read that waits for them is enough: asking again and again locks accounts.
 */
async function streamsToRead(
  deps: Deps,
  tx: TenantTx,
  connection: Connection,
): Promise<readonly string[]> {
  const parked = new Set((await parkedStreams(tx, connection.id)).map(({ stream }) => stream));
  if (parked.size > 0 && connection.status === 'reauth_required') return [];
  const names = streamsOf(deps.registry, connection).map(({ name }) => name);
  return names.filter((name) => !parked.has(name));
}

/** A connection that is read by schedule is proven by schedule; what a person set stays. */
async function ensureProofs(tx: TenantTx, connection: string): Promise<void> {
  const key = proofKey(connection);
  const known = (await listSchedules(tx)).some((each) => each.job === 'pull' && each.key === key);
  if (known) return;
  const payload = { connection, proof: true };
  await setSchedule(tx, { job: 'pull', key, payload, everySeconds: PROOF_SECONDS });
}

async function proveLater(deps: Deps, tx: TenantTx, payload: ScheduledPullPayload): Promise<void> {
  const notBefore = new Date((await tx.clock()).getTime() + PROOF_AGAIN_MS);
  const { connection } = payload;
  await request(deps, tx, [
    { job: 'pull', key: proofKey(connection), payload: { connection, proof: true }, notBefore },
  ]);
}
