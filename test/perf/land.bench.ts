import { landPage } from '../../src/intake/landing.ts';
import type { Page, SourceRecord } from '../../src/sdk/record.ts';
import { accountRecord, pagesOf, TOTAL_ROWS } from './account-rows.ts';
import { benchStore, CONNECTION, STREAM, TENANT, type BenchStore } from './bench-store.ts';
import { createFloorTable, floorLand } from './floor-landing.ts';
import { interleave, timed, type BenchRow, type Rates } from './measure.ts';

const ROUNDS = 5;

/** Lands each page as a pull does: a transaction of the tenant for each, with outcomes and checkpoint. */
async function ourLand(
  { store }: BenchStore,
  runId: string,
  pages: readonly Page[],
): Promise<void> {
  for (const [pageNumber, page] of pages.entries()) {
    await store.withTenant(TENANT, (tx) =>
      landPage(tx, { runId, connection: CONNECTION, stream: STREAM, pageNumber }, page),
    );
  }
}

async function contest(
  bench: BenchStore,
  pages: readonly (readonly SourceRecord[])[],
  prepare: () => Promise<void>,
): Promise<Rates> {
  const ours: readonly Page[] = pages.map((records, at) => ({
    records,
    unreadable: [],
    next:
      at + 1 === pages.length
        ? null
        : { stamp: records.at(-1)?.stamp ?? '', id: records.at(-1)?.id ?? '' },
  }));
  return interleave({
    size: TOTAL_ROWS,
    rounds: ROUNDS,
    ours: async () => {
      await prepare();
      const runId = await bench.openRun();
      await bench.settle();
      return timed(() => ourLand(bench, runId, ours));
    },
    floor: async () => {
      await prepare();
      await createFloorTable(bench.bare);
      await bench.settle();
      return timed(() => floorLand(bench.bare, pages));
    },
  });
}

const ratioOf = ({ ours, floor }: Rates): number => Number((ours / floor).toFixed(3));

/** Records a second into the store, first seen and then unchanged; the row is the worse of the two. */
export async function bench(): Promise<BenchRow> {
  const store = await benchStore();
  try {
    const pages = pagesOf(TOTAL_ROWS, accountRecord);
    const insert = await contest(store, pages, () => store.empty());
    const unchanged = await contest(store, pages, async () => undefined);
    const worse = ratioOf(insert) < ratioOf(unchanged) ? insert : unchanged;
    const details = {
      insert: { ...insert, ratio: ratioOf(insert) },
      unchanged: { ...unchanged, ratio: ratioOf(unchanged) },
    };
    return { name: 'land', ...worse, unit: 'records/s', goal: 0.7, details };
  } finally {
    await store.close();
  }
}
