import type { PoolFigures } from '../figures.ts';
import { groupBy } from '../sort.ts';
import type { Terms } from './terms.ts';
import { Unions } from './unions.ts';

/**
 * Pools that may have to do with each other, so that each part is shared out for itself: those of one owner, and those of one
 * product where rights of one owner are open to others, as affiliates or by a sublicence.
 */
export function partsOf(
  linked: readonly PoolFigures[],
  terms: Terms,
): readonly (readonly PoolFigures[])[] {
  const together = new Unions();
  const ownerOf = ({ pool }: PoolFigures): string =>
    JSON.stringify([pool.posture, 'owner', pool.ownerRef]);
  const productOf = ({ pool }: PoolFigures): string =>
    JSON.stringify([pool.posture, 'product', pool.skuCode]);
  const open = new Set(linked.filter((each) => isOpen(each, terms)).map(productOf));
  for (const each of linked)
    if (open.has(productOf(each))) together.join(ownerOf(each), productOf(each));
  return [...groupBy(linked, (each) => together.find(ownerOf(each))).values()];
}

function isOpen({ pool }: PoolFigures, terms: Terms): boolean {
  return pool.entitlements.some(
    ({ fact }) => terms.affiliatesOf(fact) !== undefined || terms.sublicensesOf(fact).length > 0,
  );
}
