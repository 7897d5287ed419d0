import { InternalError } from '../kernel/errors.ts';
import {
  addQuantity,
  compareQuantity,
  minQuantity,
  subtractQuantity,
  sumQuantities,
} from '../kernel/quantity.ts';
import type { Pool } from './pools.ts';
import type { Position } from './figures.ts';

/**
 * Holds one position against the invariants of domain b.7: L1 (rights consumed never exceed what is there),
 * L2 (need = covered + shortfall), L3 (the balance of the pool), L4 (every number has an input).
 * Throws InternalError with the invariant's name: a wrong figure must never leave the house.
 */
export function assertPosition({ line, inputs }: Position, pool: Pool): void {
  const fail = (rule: string): never => {
    throw new InternalError(
      `Invariant ${rule} does not hold for position ${line.id} (${line.ownerRef}, ${line.skuCode}).`,
    );
  };
  if (
    inputs.skus.length +
      inputs.entitlements.length +
      inputs.subjects +
      inputs.allocations.length ===
    0
  )
    fail('L4');
  if (line.rightsOwned === null || line.surplus === null || line.shortfall === null) return;
  const owned = line.rightsOwned;
  const parts = sumQuantities(pool.entitlements.map((each) => each.owned));
  if (compareQuantity(owned, parts) !== 0) fail('L1 (owned is the sum of the entitlements)');
  const consumed = subtractQuantity(line.rightsReserved, line.shortfall);
  const available = sumQuantities([owned, line.graceRights, line.unlimitedCovered]);
  if (compareQuantity(consumed, available) > 0) fail('L1');
  const covered = sumQuantities([
    minQuantity(line.rightsReserved, owned),
    line.graceCovered,
    line.unlimitedCovered,
  ]);
  if (compareQuantity(addQuantity(covered, line.shortfall), line.rightsReserved) !== 0) fail('L2');
  const left = subtractQuantity(
    sumQuantities([line.surplus, line.nontransferable, line.allocatedNotInUse]),
    line.shortfall,
  );
  const right = subtractQuantity(
    sumQuantities([owned, line.graceCovered, line.unlimitedCovered]),
    line.rightsRequired,
  );
  if (compareQuantity(left, right) !== 0) fail('L3');
}
