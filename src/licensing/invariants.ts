import { InternalError } from '../kernel/errors.ts';
import {
  addQuantity,
  compareQuantity,
  subtractQuantity,
  sumQuantities,
} from '../kernel/quantity.ts';
import type { PoolFigures, Position } from './figures.ts';

/**
 * Holds one position against the invariants of domain b.7: L1 (rights consumed never exceed what is there),
 * L2 (need = covered + shortfall), L3 (the balance of the pool), L4 (every number has an input).
 * Throws InternalError with the invariant's name: a wrong figure must never leave the house.
 */
export function assertPosition({ line, inputs }: Position, figures: PoolFigures): void {
  const { pool } = figures;
  const fail = (rule: string): never => {
    throw new InternalError(
      `Invariant ${rule} does not hold for position ${line.id} (${line.ownerRef}, ${line.skuCode}).`,
    );
  };
  if (
    inputs.skus.length +
      inputs.entitlements.length +
      inputs.subjects +
      inputs.allocations.length +
      (inputs.counts?.length ?? 0) ===
    0
  )
    fail('L4');
  if (line.rightsOwned === null || line.surplus === null || line.shortfall === null) return;
  const owned = line.rightsOwned;
  const parts =
    pool.entitlements.length === 0
      ? (pool.vendor?.provided ?? '0')
      : sumQuantities(pool.entitlements.map((each) => each.owned));
  if (compareQuantity(owned, parts) !== 0) fail('L1 (owned is the sum of the entitlements)');
  // Rights of other pools, and rights for them, stand on their own side of the scales.
  const others = addQuantity(line.coveredByOthers, line.coveredBySecondaryUse);
  const consumed = subtractQuantity(
    addQuantity(line.rightsReserved, line.lentToOthers),
    addQuantity(line.shortfall, others),
  );
  const available = sumQuantities([owned, line.graceRights, line.unlimitedCovered]);
  if (compareQuantity(consumed, available) > 0) fail('L1');
  const ownUsed = subtractQuantity(
    subtractQuantity(owned, addQuantity(line.surplus, line.nontransferable)),
    line.lentToOthers,
  );
  const covered = sumQuantities([ownUsed, others, line.graceCovered, line.unlimitedCovered]);
  if (compareQuantity(addQuantity(covered, line.shortfall), line.rightsReserved) !== 0) fail('L2');
  if (!isAccountedFor(figures)) fail('L2 (the lines are the demand)');
  const left = subtractQuantity(
    sumQuantities([line.surplus, line.nontransferable, line.allocatedNotInUse]),
    line.shortfall,
  );
  const right = subtractQuantity(
    sumQuantities([owned, line.graceCovered, line.unlimitedCovered, others]),
    addQuantity(line.rightsRequired, line.lentToOthers),
  );
  if (compareQuantity(left, right) !== 0) fail('L3');
}

/** Where rights were shared out: every unit of demand stands on a line, once. */
function isAccountedFor({ allocation, met }: PoolFigures): boolean {
  if (allocation === null) return true;
  const told = sumQuantities(allocation.lines.map(({ quantity }) => quantity));
  return compareQuantity(told, met.required) === 0;
}
