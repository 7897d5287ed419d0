import { join } from 'node:path';
import { from as copyFrom } from 'pg-copy-streams';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { mapPage } from '../../src/app/flows/map-page.ts';
import { hashJson, type JsonObject } from '../../src/kernel/hash.ts';
import { openReplay } from '../../src/intake/replays.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { silentLogger } from '../../src/kernel/logger.ts';
import { loadBuiltins } from '../../src/mapping/builtin.ts';
import type { PageRef } from '../../src/intake/pages.ts';
import { shippedSteps } from '../support/shipped-steps.ts';
import { accountRecord, PAGE_ROWS, TOTAL_ROWS } from './account-rows.ts';
import { benchStore, CONNECTION, STREAM, TENANT, type BenchStore } from './bench-store.ts';
import { interleave, timed, type BenchRow } from './measure.ts';

/**
 * Mapping 100,000 landed Account records again with the shipped mapping, through to the ledger: page by page in
 * transactions, with quarantine, lineage and history, as the work of the queue does it. The ledger holds what they
 * gave before, as it does when a mapping is published. The floor reads the same records, maps them with a closure and
 * merges what came of it into a plain table that holds it too.
 */

const MAPPING = 'salesforce.account';
const ROUNDS = 3;

export async function bench(): Promise<BenchRow> {
  const store = await benchStore();
  try {
    await land(store);
    const replay = await replayer(store);
    for (const page of await openPages(store)) await replay(page);
    await store.bare.query(FLOOR_TABLE);
    await floorReplay(store.bare);
    // As autovacuum does after a while.
    await store.bare.query('analyze fact, floor_fact');
    const rates = await interleave({
      size: TOTAL_ROWS,
      rounds: ROUNDS,
      ours: async () => {
        const pages = await openPages(store);
        await store.settle();
        const took = await timed(async () => {
          for (const page of pages) await replay(page);
        });
        await expectFacts(store.bare, 'fact');
        return took;
      },
      floor: async () => {
        await store.settle();
        const took = await timed(() => floorReplay(store.bare));
        await expectFacts(store.bare, 'floor_fact');
        return took;
      },
    });
    const everyFactChanges = await allChanged(store, replay);
    const details = { everyFactChanges };
    return { name: 'replay', ...rates, unit: 'records/s', goal: 0.35, atLeast: 20_000, details };
  } finally {
    await store.close();
  }
}

/** The rate where each record gives another fact than before: all of them are closed and written anew. */
async function allChanged(
  store: BenchStore,
  replay: (page: PageRef) => Promise<void>,
): Promise<number> {
  await store.bare.query(`update fact set body_hash = 'another'`);
  await store.bare.query('vacuum analyze fact');
  const pages = await openPages(store);
  await store.settle();
  const took = await timed(async () => {
    for (const page of pages) await replay(page);
  });
  return Math.round((TOTAL_ROWS * 1000) / took);
}

async function land({ bare }: BenchStore): Promise<void> {
  await bare.query(`set app.tenant = '${TENANT}'`);
  const rows = function* () {
    for (let at = 0; at < TOTAL_ROWS; at += 1) {
      const { id, stamp, data } = accountRecord(at);
      const json = JSON.stringify(data).replaceAll('\\', '\\\\');
      yield `${TENANT}\t${CONNECTION}\t${STREAM}\t${id}\t${hashJson(data)}\t${stamp ?? ''}\tf\t${json}\trun_0\t2026-03-02T00:00:00Z\n`;
    }
  };
  await bare.query('create temporary table landing (like source_record)');
  await pipeline(Readable.from(rows()), bare.query(copyFrom('copy landing from stdin')));
  await bare.query('insert into source_record select * from landing');
  await bare.query('analyze source_record');
}

async function openPages({ store }: BenchStore): Promise<readonly PageRef[]> {
  const opened = await store.withTenant(TENANT, (tx) =>
    openReplay(tx, {
      connection: CONNECTION,
      stream: STREAM,
      mappingId: MAPPING,
      mappingVersion: 1,
      scope: 'all',
      requestedBy: 'bench',
    }),
  );
  if (opened?.records !== TOTAL_ROWS) throw new Error('The replay does not hold every record.');
  return opened.pages;
}

async function replayer({ store }: BenchStore): Promise<(page: PageRef) => Promise<void>> {
  const folder = join(import.meta.dirname, '../../mappings');
  const mappings = await loadBuiltins(folder, await shippedSteps());
  const unused = new Proxy({}, { get: () => () => Promise.resolve([]) });
  const deps = {
    store,
    mappings,
    clock: systemClock('2026-03-02'),
    logger: silentLogger,
    queue: { enqueue: async () => undefined },
  };
  const context = {
    tenantId: TENANT,
    signal: new AbortController().signal,
    hold: async () => undefined,
  };
  return (page) => mapPage({ ...unused, ...deps } as never, context, page);
}

const FLOOR_TABLE = `create table floor_fact (tenant_id text not null, fact_id text not null, noun text not null,
  connection text not null, external_ref text not null, body jsonb not null, body_hash text not null, stream text,
  record_id text, record_hash text, mapping_id text, mapping_version int, recorded_from timestamptz not null default now(),
  recorded_to timestamptz not null default 'infinity', primary key (tenant_id, noun, connection, external_ref, recorded_from))`;

async function floorReplay(client: pg.Client): Promise<void> {
  let after = '';
  for (;;) {
    const { rows } = await client.query<{ id: string; hash: string; data: JsonObject }>(
      `select record_id as id, content_hash as hash, data from source_record
       where tenant_id = $1 and connection = $2 and stream = $3 and record_id > $4 order by record_id limit ${PAGE_ROWS}`,
      [TENANT, CONNECTION, STREAM, after],
    );
    if (rows.length === 0) return;
    after = rows.at(-1)?.id ?? '';
    await client.query('begin');
    await client.query(
      'create temporary table staged (ref text, body jsonb, hash text) on commit drop',
    );
    const lines = rows.map(({ id, hash, data }) => {
      const body = JSON.stringify(factOf(id, data)).replaceAll('\\', '\\\\');
      return `${id}\t${body}\t${hash}\n`;
    });
    await pipeline(
      Readable.from([lines.join('')]),
      client.query(copyFrom('copy staged from stdin')),
    );
    await client.query(
      `merge into floor_fact f using staged s on f.tenant_id = $1 and f.noun = 'organization' and f.connection = $2
         and f.external_ref = s.ref and f.recorded_to = 'infinity'
       when matched and f.body_hash <> s.hash then update set body = s.body, body_hash = s.hash
       when not matched then insert (tenant_id, fact_id, noun, connection, external_ref, body, body_hash, stream, record_id)
         values ($1, s.ref, 'organization', $2, s.ref, s.body, s.hash, $3, s.ref)`,
      [TENANT, CONNECTION, STREAM],
    );
    await client.query('commit');
  }
}

const KINDS: Readonly<Record<string, string>> = {
  Customer: 'customer',
  Prospect: 'customer',
  Reseller: 'reseller',
};

function factOf(id: string, data: JsonObject): JsonObject {
  return {
    externalRef: id,
    legalName: String(data['Name'] as string).trim(),
    kind: KINDS[String(data['Type'] as string)] ?? 'customer',
    countryCode: String(data['BillingCountryCode'] as string)
      .trim()
      .toUpperCase(),
    currency: String(data['CurrencyIsoCode'] as string)
      .trim()
      .toUpperCase(),
  };
}

async function expectFacts(client: pg.Client, table: string): Promise<void> {
  const { rows } = await client.query<{ n: number }>(`select count(*)::int as n from ${table}`);
  if (rows[0]?.n !== TOTAL_ROWS) throw new Error(`${table} has ${rows[0]?.n ?? 0} rows.`);
}
