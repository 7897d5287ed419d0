import { mapRecords } from '../../src/app/map-records.ts';
import type { PreviewDeps } from '../../src/app/preview-documents.ts';
import { getConnection } from '../../src/intake/connections.ts';
import { landPage } from '../../src/intake/landing.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { loadBuiltins } from '../../src/mapping/builtin.ts';
import { systemCaller, type Caller } from '../../src/security/caller.ts';
import { shippedSteps } from '../support/shipped-steps.ts';
import { accountRecord, PAGE_ROWS } from './account-rows.ts';
import { benchStore, CONNECTION, STREAM, TENANT } from './bench-store.ts';

/** Accounts that landed and were mapped, and a draft of their mapping that gives every fifth another name. */
export interface ShadowWorld {
  readonly deps: PreviewDeps;
  readonly caller: Caller;
  readonly mapping: string;
  readonly draft: string;
  /** The id of a record. */
  readonly record: string;
  close(): Promise<void>;
}

const MAPPING = 'salesforce.account';
const DRAFT = `id: ${MAPPING}
version: 2
extends: builtin:${MAPPING}@1
fields:
  legalName: { expr: 'src.AccountNumber.endsWith("5") ? src.Name + " (draft)" : src.Name' }
`;

/** Lands so many accounts in a store of its own and maps them with what is shipped. */
export async function shadowWorld(records: number): Promise<ShadowWorld> {
  const bench = await benchStore();
  const mappings = await loadBuiltins('mappings', await shippedSteps());
  const runId = await bench.openRun();
  const all = Array.from({ length: records }, (_, at) => accountRecord(at));
  for (let from = 0; from < all.length; from += PAGE_ROWS) {
    const page = all.slice(from, from + PAGE_ROWS);
    const last = page.at(-1);
    const next =
      from + PAGE_ROWS >= all.length ? null : { stamp: last?.stamp ?? '', id: last?.id ?? '' };
    const target = { runId, connection: CONNECTION, stream: STREAM, pageNumber: from / PAGE_ROWS };
    await bench.store.withTenant(TENANT, async (tx) => {
      await landPage(tx, target, { records: page, unreadable: [], next });
      const connection = await getConnection(tx, CONNECTION);
      const startedAt = '2026-03-02T00:00:00Z';
      const mapper = { deps: { mappings }, tx, connection, runId, startedAt };
      await mapRecords(
        mapper,
        STREAM,
        page.map(({ id }) => id),
      );
    });
  }
  await bench.settle();
  const refuse = () => Promise.reject(new Error('No system is asked here.'));
  return {
    deps: {
      store: bench.store,
      mappings,
      registry: { connectors: new Map() },
      clock: systemClock('2026-03-02'),
      sessions: { of: refuse, openDraft: refuse, openTrial: refuse, drop: refuse, close: refuse },
    },
    caller: systemCaller(TENANT, 'bench'),
    mapping: MAPPING,
    draft: DRAFT,
    record: all[0]?.id ?? '',
    close: () => bench.close(),
  };
}

/** The median of what `work` takes, in milliseconds, over rounds of which the first is dropped. */
export async function medianOf(rounds: number, work: () => Promise<void>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const began = performance.now();
    await work();
    if (round > 0) times.push(performance.now() - began);
  }
  return Number((times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0).toFixed(1));
}
