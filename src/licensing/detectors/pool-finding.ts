import type { LocalDate } from '../../kernel/dates.ts';
import { moneyOf, type Money } from '../../kernel/money.ts';
import { multiply, parseDecimal } from '../../kernel/rational.ts';
import type { DriftWorld } from '../drift-world.ts';
import type { Position } from '../figures.ts';
import type { Pool } from '../pools.ts';
import { rightPrice } from '../price.ts';
import type { FindingDraft } from './detector.ts';

/** A pool and its line of the same run. */
export interface PoolLine {
  readonly pool: Pool;
  readonly position: Position;
}

/** The pools of a world whose rights are known and have an end. */
export function countedPools(
  world: DriftWorld,
): readonly (PoolLine & { readonly owned: string })[] {
  return world.pools.flatMap((pool) => {
    const position = world.lines.get(pool.id);
    const owned = position?.line.rightsOwned ?? null;
    if (position === undefined || owned === null || owned === '0' || position.line.unlimited)
      return [];
    return [{ pool, position, owned }];
  });
}

/** A finding about a pool as a whole. Its evidence is what the line rests on, before `more`. */
export function poolFinding(
  { pool, position }: PoolLine,
  what: {
    readonly summary: string;
    readonly money?: Money | null;
    readonly more?: readonly string[];
    readonly owner?: FindingDraft['owner'];
  },
): FindingDraft[] {
  const { transactions, entitlements, skus } = position.inputs;
  const evidence = [...transactions, ...entitlements, ...skus, ...(what.more ?? [])];
  if (evidence.length === 0) return [];
  const { owner } = what;
  return [
    {
      subject: { type: 'Position', id: pool.id },
      connection: 'trueup',
      sku: pool.skuCode,
      money: what.money ?? null,
      evidence,
      ...(owner === undefined ? {} : { owner }),
      summary: what.summary,
    },
  ];
}

/**
 * True where rights of the pool held on a day already. What was bought since is being handed out: its growth is neither
 * drift nor a rise that goes on.
 */
export function heldOn(pool: Pool, day: LocalDate): boolean {
  return pool.entitlements.some(({ transactions }) =>
    transactions.some(
      ({ fact, rights }) => !rights.startsWith('-') && (fact.body.validFrom ?? day) <= day,
    ),
  );
}

/** What so many rights of a pool cost; null where its rights have no one price. */
export function worthOf({ pool }: PoolLine, rights: string): Money | null {
  const price = rightPrice(pool.entitlements, pool.entry?.rightsPerPack ?? 1);
  if (price.kind !== 'priced') return null;
  return moneyOf(multiply(parseDecimal(rights), price.price.value), price.price.currency);
}

/** Whose rights they are, in words. */
export function ownerWords({ pool, position }: PoolLine): string {
  if (pool.posture === 'licensee') return 'our own people';
  return position.line.ownerName ?? pool.ownerRef;
}
