import { appendAudit } from '../../audit/audit-log.ts';
import type { TenantTx } from '../../db/store.ts';
import type { Connection } from '../../intake/connections.ts';
import { isReadWaiting, keepHints, nextHintRead, type Hint } from '../../intake/inbox.ts';
import { openRun } from '../../intake/runs.ts';
import { streamsOf } from '../connection-streams.ts';
import type { Deps } from '../deps.ts';
import { pullWork, request } from '../request.ts';

/** A flood of hints makes a read a second, not as many as the vendor can answer. */
const PACE_MS = 1_000;

type HintDeps = Pick<Deps, 'queue' | 'registry'>;

export interface TakenHints {
  /** Hints that were not kept before. */
  readonly kept: number;
  /** The runs that were opened for them; none where one that waits already will see the changes, or nothing is read. */
  readonly runIds: readonly string[];
}

/**
 * Keeps hints and asks for the reads that they need, in the caller's transaction: of whatever changed, the stream and
 * those that belong to it; everything of a stream where the vendor lost count of the changes. Many hints make one
 * read. A change of our own is kept and read by nobody (F-50).
 */
export async function takeHints(
  deps: HintDeps,
  tx: TenantTx,
  connection: Connection,
  given: {
    readonly source: 'push' | 'event';
    readonly actor: string;
    readonly hints: readonly Hint[];
  },
): Promise<TakenHints> {
  const kept = await keepHints(tx, connection.id, given.source, given.hints);
  const foreign = kept.filter((hint) => !hint.echo);
  const lost = foreign.filter((hint) => hint.kind === 'overflow' || hint.kind === 'expired');
  const changed = foreign.filter((hint) => !lost.includes(hint));
  const reader: Reader = { deps, tx, connection, actor: given.actor };
  const runIds = [
    await readWhole(reader, lost),
    await readSoon(
      reader,
      changed.map((hint) => hint.object),
    ),
  ].flatMap((runId) => (runId === null ? [] : [runId]));
  return { kept: kept.length, runIds };
}

interface Reader {
  readonly deps: HintDeps;
  readonly tx: TenantTx;
  readonly connection: Connection;
  readonly actor: string;
}

/** The vendor stopped telling what changed, so everything is read again; nobody shall have to guess why. */
async function readWhole(reader: Reader, lost: readonly Hint[]): Promise<string | null> {
  const { tx, connection, actor } = reader;
  for (const { object, kind } of lost)
    await appendAudit(tx, {
      actor,
      action: 'changes.lost',
      subject: { type: 'connection', id: connection.id },
      details: { stream: object, why: kind },
    });
  return await readSoon(
    reader,
    lost.map((hint) => hint.object),
    true,
  );
}

/** Asks for a read of these streams and of those that belong to them, unless reads wait that will see the changes. */
async function readSoon(
  { deps, tx, connection, actor }: Reader,
  objects: readonly string[],
  full = false,
): Promise<string | null> {
  const streams = streamsOf(deps.registry, connection);
  const own = streams.filter((stream) => objects.includes(stream.name));
  if (own.length === 0 || connection.status === 'paused') return null;
  const known = new Set(streams.map((stream) => stream.name));
  const named = own.flatMap((stream) => [stream.name, ...(stream.related ?? [])]);
  const wanted = [...new Set(named)].filter((name) => known.has(name));
  if (await isReadWaiting(tx, connection.id, wanted, full)) return null;
  const notBefore = await nextHintRead(tx, connection.id, PACE_MS);
  const runId = await openRun(tx, {
    connection: connection.id,
    trigger: 'hook',
    requestedBy: actor,
    full,
    streams: wanted,
  });
  await request(
    deps,
    tx,
    wanted.map((stream) => ({
      ...pullWork(runId, stream),
      ...(notBefore === undefined ? {} : { notBefore }),
    })),
  );
  return runId;
}
