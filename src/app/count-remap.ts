import type { TenantTx } from '../db/store.ts';
import { isLive, listConnections, type Connection } from '../intake/connections.ts';
import { landedPage } from '../intake/landed-pages.ts';
import { factKey, factKeysOf } from '../ledger/fact-hashes.ts';
import type { MappingPlan } from '../mapping/mapping-plan.ts';
import type { Deps } from './deps.ts';
import { readLanded } from './map-records.ts';

/** What mapping landed records with another plan would change, counted without changing anything. */
export interface RemapCount {
  readonly records: number;
  /** Records that would give other facts than they give now. */
  readonly changed: number;
  readonly unchanged: number;
  /** Records that would not map. Their facts stay. */
  readonly failed: number;
  /** False where more records have landed than were looked at. */
  readonly complete: boolean;
}

const PAGE = 2_000;
/** More would keep a person waiting; the count says that it is not whole. */
const MOST = 100_000;

/** Counts what an inbound plan would change, over every connection that it is for. No call to another system. */
export async function countRemap(
  deps: Pick<Deps, 'clock'>,
  tx: TenantTx,
  plan: MappingPlan,
): Promise<RemapCount> {
  const sum = { records: 0, changed: 0, unchanged: 0, failed: 0, complete: true };
  for (const connection of await listConnections(tx)) {
    const reads = [connection.id, connection.connector].includes(plan.source.connection);
    if (!reads || !isLive(connection)) continue;
    let after: string | null = null;
    for (;;) {
      const records = await landedPage(tx, connection.id, plan.source.stream, after, PAGE);
      const last = records.at(-1);
      if (last === undefined) break;
      const startedAt = deps.clock.now().toISOString();
      const found = await countPage({ tx, connection, startedAt }, plan, records);
      sum.records += records.length;
      sum.failed += found.failed;
      sum.changed += found.changed;
      sum.unchanged += records.length - found.failed - found.changed;
      if (records.length < PAGE) break;
      if (sum.records >= MOST) return { ...sum, complete: false };
      after = last.recordId;
    }
  }
  return sum;
}

async function countPage(
  mapper: Parameters<typeof readLanded>[0] & { readonly connection: Connection },
  plan: MappingPlan,
  records: Parameters<typeof readLanded>[2],
): Promise<{ readonly changed: number; readonly failed: number }> {
  const { mapped, failures } = await readLanded(mapper, plan, records);
  const source = {
    connection: mapper.connection.id,
    stream: plan.source.stream,
    mappingId: plan.id,
  };
  const ids = mapped.map(({ recordId }) => recordId);
  const held = await factKeysOf(mapper.tx, source, ids);
  const changed = mapped.filter(({ recordId, facts }) => {
    const before = held.get(recordId) ?? new Set<string>();
    const now = new Set(facts.map(factKey));
    return before.size !== now.size || [...now].some((key) => !before.has(key));
  });
  return { changed: changed.length, failed: failures.length };
}
