import { addDays } from '../kernel/dates.ts';
import type { JsonObject } from '../kernel/hash.ts';
import type { Deal } from './deals.ts';
import { officeInstant, TODAY } from './instants.ts';
import type { Prng } from './prng.ts';

/** What one customer may use of one product today. */
interface RightsInForce {
  readonly accountId: string;
  readonly sku: string;
  readonly since: string;
  readonly rights: number;
}

/** How many customers' installations report, and the largest number of rights that one of them holds. */
const REPORTING = 70;
const LARGEST = 150;

function rightsInForce(won: readonly Deal[]): RightsInForce[] {
  const pools = new Map<string, RightsInForce>();
  const lines = won.flatMap((deal) =>
    deal.lines.map((line) => ({ line, accountId: deal.account.id })),
  );
  for (const { line, accountId } of lines) {
    const running =
      line.serviceFrom <= TODAY && TODAY <= line.serviceTo && line.product.metric !== null;
    if (!running) continue;
    const key = `${accountId} ${line.product.code}`;
    const before = pools.get(key);
    const rights = Number(line.quantity) * line.product.rightsPerPack + (before?.rights ?? 0);
    pools.set(key, {
      accountId,
      sku: line.product.code,
      since: before?.since ?? line.serviceFrom,
      rights,
    });
  }
  return [...pools.values()];
}

/** How many users a customer named: most within their rights, some far below, and one in seven above. */
function usersNamed(prng: Prng, rights: number): number {
  if (prng.chance(1 / 7)) return rights + Math.max(2, Math.round((rights * prng.int(5, 35)) / 100));
  return Math.round((rights * (prng.chance(0.25) ? prng.int(20, 60) : prng.int(70, 100))) / 100);
}

/** Rights that have been in force since this day were handed out long ago. */
const SETTLED = addDays(TODAY, -90);

/** A customer with room to spare. */
function usersOfCalm(prng: Prng, rights: number): number {
  return Math.floor((rights * prng.int(20, 75)) / 100);
}

type Row = Omit<JsonObject, 'id'>;

function userRow(prng: Prng, pool: RightsInForce, at: number): Row {
  const earliest = pool.since < addDays(TODAY, -5) ? pool.since : addDays(TODAY, -5);
  const seen = officeInstant(prng, addDays(TODAY, -prng.int(1, 45)));
  return {
    customer: pool.accountId,
    user: `u${at + 1}.${pool.sku.toLowerCase()}@${pool.accountId.toLowerCase()}.example`,
    sku: pool.sku,
    assigned_from: earliest,
    ...(prng.chance(0.9) ? { last_active_at: seen } : {}),
  };
}

/** A user whose seat was given to somebody else: it no longer counts. */
function formerUserRow(prng: Prng, pool: RightsInForce, at: number): Row {
  const row = userRow(prng, pool, 900_000 + at);
  return {
    ...row,
    assigned_from: addDays(TODAY, -200),
    assigned_to: addDays(TODAY, -prng.int(10, 150)),
  };
}

/**
 * Rows of named-users.ndjson: the users whom customers named in our products, as their installations report
 * them. `won` are the deals whose rights are beyond doubt.
 */
export function namedUserRows(prng: Prng, won: readonly Deal[], calm: boolean): JsonObject[] {
  const pools = rightsInForce(won).filter(
    (pool) => pool.rights <= LARGEST && !(calm && pool.since > SETTLED),
  );
  const named = calm ? usersOfCalm : usersNamed;
  const rows = prng
    .sample(pools, REPORTING)
    .flatMap((pool) => [
      ...Array.from({ length: named(prng, pool.rights) }, (_, at) => userRow(prng, pool, at)),
      ...Array.from({ length: prng.int(0, 2) }, (_, at) => formerUserRow(prng, pool, at)),
    ]);
  return rows
    .filter((row) => !calm || row['assigned_to'] === undefined)
    .map((row, at) => ({ id: `nu-${String(at + 1).padStart(6, '0')}`, ...row }));
}
