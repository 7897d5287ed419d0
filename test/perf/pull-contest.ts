import { Worker } from 'node:worker_threads';
import { landPage } from '../../src/intake/landing.ts';
import { readContents, type ReadPage } from '../../src/intake/read-contents.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import type { JsonObject } from '../../src/kernel/hash.ts';
import { silentLogger } from '../../src/kernel/logger.ts';
import type { ConnectorDefinition, ConnectorSession } from '../../src/sdk/define-connector.ts';
import type { PageToken, ReadWindow, SourceRecord } from '../../src/sdk/record.ts';
import { createEgress } from '../../src/security/egress.ts';
import { heldSecrets } from '../support/held-secrets.ts';
import { benchStore, CONNECTION, TENANT, type BenchStore } from './bench-store.ts';
import { createFloorTable, floorLand } from './floor-landing.ts';
import { interleave, timed, type BenchRow } from './measure.ts';

const ROUNDS = 5;

/** One system, read by our connector and by the barest program that does the same. */
export interface PullContest<Config, Secrets> {
  readonly name: string;
  readonly connector: ConnectorDefinition<Config, Secrets>;
  readonly config: (url: string) => JsonObject;
  readonly secrets: Readonly<Record<string, string>>;
  readonly stream: string;
  readonly window: ReadWindow;
  /** The module of the lean server, which posts its port. */
  readonly server: URL;
  readonly total: number;
  /** A bare loop over the same server. */
  readonly bare: (url: string) => AsyncGenerator<readonly SourceRecord[]>;
}

/** Our session, behind the egress guard of a connection that may call a private address. */
function openSession<Config, Secrets>(
  { connector, config, secrets }: PullContest<Config, Secrets>,
  url: string,
): Promise<ConnectorSession> {
  const parsed = connector.config.parse(config(url));
  return connector.open({
    connection: CONNECTION,
    config: parsed,
    ...heldSecrets(connector.secrets.parse(secrets)),
    egress: createEgress({
      ...connector.limits,
      hosts: connector.hosts(parsed),
      allowPrivateNetwork: true,
    }),
    clock: systemClock(),
    logger: silentLogger,
  });
}

/** Reads page after page, each landed with its checkpoint while the next is asked for, as the flow does. */
async function ourPull(
  { store }: BenchStore,
  session: ConnectorSession,
  { stream, window, total }: Pick<PullContest<never, never>, 'stream' | 'window' | 'total'>,
  runId: string,
): Promise<void> {
  const read = (after: PageToken | null): Promise<ReadPage> =>
    session.readPage(stream, window, after).then(readContents);
  let upcoming: Promise<ReadPage> | null = read(null);
  let landed = 0;
  for (let pageNumber = 0; upcoming !== null; pageNumber += 1) {
    const page: ReadPage = await upcoming;
    const target = { runId, connection: CONNECTION, stream, pageNumber };
    const { outcomes } = await store.withTenant(TENANT, (tx) =>
      landPage(tx, target, page, () => {
        upcoming = page.next === null ? null : read(page.next);
      }),
    );
    landed += outcomes.c;
    if (outcomes.c !== page.records.length) throw new Error(`Page ${pageNumber} was read before.`);
  }
  if (landed !== total) throw new Error(`We landed ${landed} of ${total} rows.`);
}

async function countFloor({ bare }: BenchStore, total: number): Promise<void> {
  const { rows } = await bare.query<{ count: string }>(
    'select count(*)::text as count from floor_record',
  );
  if (rows[0]?.count !== String(total))
    throw new Error(`The floor landed ${rows[0]?.count} of ${total} rows.`);
}

async function startServer(
  module: URL,
): Promise<{ readonly url: string; readonly worker: Worker }> {
  const worker = new Worker(module);
  const port = await new Promise<number>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  return { url: `http://127.0.0.1:${port}`, worker };
}

async function contend<Config, Secrets>(
  bench: BenchStore,
  contest: PullContest<Config, Secrets>,
  url: string,
): Promise<BenchRow> {
  const { name, stream, window, total, bare } = contest;
  const session = await openSession(contest, url);
  const rates = await interleave({
    size: total,
    rounds: ROUNDS,
    ours: async () => {
      await bench.empty();
      const runId = await bench.openRun();
      await bench.settle();
      return timed(() => ourPull(bench, session, { stream, window, total }, runId));
    },
    floor: async () => {
      await bench.empty();
      await createFloorTable(bench.bare);
      await bench.settle();
      const took = await timed(() => floorLand(bench.bare, bare(url)));
      await countFloor(bench, total);
      return took;
    },
  });
  await session.close();
  return { name, ...rates, unit: 'records/s', goal: 0.6 };
}

/** Records a second from a vendor's API into the store, none of them seen before, against the bare program. */
export async function pullContest<Config, Secrets>(
  contest: PullContest<Config, Secrets>,
): Promise<BenchRow> {
  const [store, { url, worker }] = await Promise.all([
    benchStore(contest.stream),
    startServer(contest.server),
  ]);
  try {
    return await contend(store, contest, url);
  } finally {
    await Promise.all([store.close(), worker.terminate()]);
  }
}
