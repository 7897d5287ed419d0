import { Worker } from 'node:worker_threads';
import { Connection } from 'jsforce/lib/connection.js';
import salesforce from '../../connectors/salesforce/index.ts';
import { landPage } from '../../src/intake/landing.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import type { JsonObject } from '../../src/kernel/hash.ts';
import { silentLogger } from '../../src/kernel/logger.ts';
import type { ConnectorSession } from '../../src/sdk/define-connector.ts';
import type { Page, ReadWindow, SourceRecord } from '../../src/sdk/record.ts';
import { createEgress } from '../../src/security/egress.ts';
import { TOTAL_ROWS } from './account-rows.ts';
import { benchStore, CONNECTION, STREAM, TENANT, type BenchStore } from './bench-store.ts';
import { createFloorTable, floorLand } from './floor-landing.ts';
import { interleave, timed, type BenchRow } from './measure.ts';

const ROUNDS = 5;
const WINDOW: ReadWindow = { mode: 'full', from: null, to: null };
const FIELDS =
  'Id, IsDeleted, CreatedDate, LastModifiedDate, SystemModstamp, Name, ParentId, Type, BillingCountryCode, CurrencyIsoCode, AccountNumber, Trueup_Id__c, NumberOfEmployees';

/** Our session, behind the egress guard of a connection that may call a private address. */
function openSession(url: string): Promise<ConnectorSession> {
  const config = salesforce.config.parse({
    loginUrl: url,
    instanceUrl: url,
    clientId: 'bench',
    grant: 'client_credentials',
  });
  const { timeoutMs, maxResponseBytes, concurrency } = salesforce.limits;
  const hosts = salesforce.hosts(config);
  return salesforce.open({
    connection: CONNECTION,
    config,
    secrets: salesforce.secrets.parse({ clientSecret: 'bench' }),
    egress: createEgress({
      hosts,
      allowPrivateNetwork: true,
      timeoutMs,
      maxResponseBytes,
      concurrency,
    }),
    clock: systemClock(),
    logger: silentLogger,
  });
}

/** Reads page after page, each landed with its checkpoint before the next is asked for. */
async function ourPull(
  { store }: BenchStore,
  session: ConnectorSession,
  runId: string,
): Promise<void> {
  let upcoming: Promise<Page> | null = session.readPage(STREAM, WINDOW, null);
  let landed = 0;
  for (let pageNumber = 0; upcoming !== null; pageNumber += 1) {
    const page: Page = await upcoming;
    // As the flow does: the source works on the next page while this one lands.
    upcoming = page.next === null ? null : session.readPage(STREAM, WINDOW, page.next);
    const target = { runId, connection: CONNECTION, stream: STREAM, pageNumber };
    const { outcomes } = await store.withTenant(TENANT, (tx) => landPage(tx, target, page));
    landed += outcomes.c;
    if (outcomes.c !== page.records.length) throw new Error(`Page ${pageNumber} was read before.`);
  }
  if (landed !== TOTAL_ROWS) throw new Error(`We landed ${landed} of ${TOTAL_ROWS} rows.`);
}

type Row = JsonObject & {
  readonly Id: string;
  readonly SystemModstamp: string;
  readonly IsDeleted: boolean;
};

/** What a bare program would keep of a row: all of it but the vendor's `attributes`, unchecked. */
function bareRecord(row: Row): SourceRecord {
  const { attributes: _, ...data } = row;
  return { id: row.Id, stamp: row.SystemModstamp, deleted: row.IsDeleted, data };
}

async function* barePages(connection: Connection): AsyncGenerator<readonly SourceRecord[]> {
  let result = await connection.query(`SELECT ${FIELDS} FROM ${STREAM}`);
  for (;;) {
    yield result.records.map((row) => bareRecord(row as unknown as Row));
    if (result.done || result.nextRecordsUrl === undefined) return;
    result = await connection.queryMore(result.nextRecordsUrl);
  }
}

async function countFloor({ bare }: BenchStore): Promise<void> {
  const { rows } = await bare.query<{ count: string }>(
    'select count(*)::text as count from floor_record',
  );
  if (rows[0]?.count !== String(TOTAL_ROWS))
    throw new Error(`The floor landed ${rows[0]?.count} rows.`);
}

async function startServer(): Promise<{ readonly url: string; readonly worker: Worker }> {
  const worker = new Worker(new URL('salesforce-pages.ts', import.meta.url));
  const port = await new Promise<number>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  return { url: `http://127.0.0.1:${port}`, worker };
}

async function contest(bench: BenchStore, url: string): Promise<BenchRow> {
  const session = await openSession(url);
  const connection = new Connection({ instanceUrl: url, accessToken: 'bench', version: '67.0' });
  const rates = await interleave({
    size: TOTAL_ROWS,
    rounds: ROUNDS,
    ours: async () => {
      await bench.empty();
      const runId = await bench.openRun();
      await bench.settle();
      return timed(() => ourPull(bench, session, runId));
    },
    floor: async () => {
      await bench.empty();
      await createFloorTable(bench.bare);
      await bench.settle();
      const took = await timed(() => floorLand(bench.bare, barePages(connection)));
      await countFloor(bench);
      return took;
    },
  });
  await session.close();
  return { name: 'pull-and-land', ...rates, unit: 'records/s', goal: 0.6 };
}

/** Records a second from Salesforce's REST API into the store, none of them seen before. */
export async function bench(): Promise<BenchRow> {
  const [store, { url, worker }] = await Promise.all([benchStore(), startServer()]);
  try {
    return await contest(store, url);
  } finally {
    await Promise.all([store.close(), worker.terminate()]);
  }
}
