import {
  addQuantity,
  compareQuantity,
  excess,
  minQuantity,
  subtractQuantity,
  sumQuantities,
  type Quantity,
} from '../kernel/quantity.ts';

/** Rights set aside for one subject. */
export interface Reservation {
  readonly subjectId: string;
  readonly quantity: Quantity;
  /** A blocking reservation consumes its rights even when its subject does not use them. */
  readonly blocking: boolean;
}

export interface RightsAvailable {
  readonly owned: Quantity;
  readonly grace: Quantity;
  readonly unlimited: boolean;
}

export interface Need {
  /** What the metric requires in all; at least the sum of `bySubject`, more where a metric has a minimum. */
  readonly required: Quantity;
  readonly bySubject: ReadonlyMap<string, Quantity>;
}

/** The four-way split of rights by reservation and use, and what is left or lacking (domain b.6, G-03). */
export interface Split {
  readonly allocatedInUse: Quantity;
  readonly allocatedNotInUse: Quantity;
  readonly notAllocatedInUse: Quantity;
  readonly notAllocated: Quantity;
  readonly rightsReserved: Quantity;
  readonly rightsInUse: Quantity;
  readonly surplus: Quantity;
  readonly shortfall: Quantity;
  readonly graceCovered: Quantity;
  readonly unlimitedCovered: Quantity;
  /** True if more was reserved than is owned; reservations beyond the rights reserve nothing. */
  readonly overAllocated: boolean;
}

/** Splits the rights of one pool. Rights cover use before they cover idle reservations; grace comes last. */
export function splitRights(
  available: RightsAvailable,
  need: Need,
  reservations: readonly Reservation[],
): Split {
  const { inUse: allocatedInUse, idle } = reservedUse(need, reservations);
  const leftForIdle = excess(available.owned, allocatedInUse);
  const allocatedNotInUse = available.unlimited ? idle : minQuantity(idle, leftForIdle);
  const notAllocatedInUse = subtractQuantity(need.required, allocatedInUse);
  const rightsReserved = addQuantity(need.required, allocatedNotInUse);
  const uncovered = excess(rightsReserved, available.owned);
  const unlimitedCovered = available.unlimited ? uncovered : '0';
  const graceCovered = available.unlimited ? '0' : minQuantity(uncovered, available.grace);
  return {
    allocatedInUse,
    allocatedNotInUse,
    notAllocatedInUse,
    notAllocated: excess(available.owned, addQuantity(allocatedInUse, allocatedNotInUse)),
    rightsReserved,
    rightsInUse: need.required,
    surplus: excess(available.owned, rightsReserved),
    shortfall: subtractQuantity(uncovered, addQuantity(unlimitedCovered, graceCovered)),
    graceCovered,
    unlimitedCovered,
    overAllocated:
      !available.unlimited &&
      compareQuantity(addQuantity(allocatedInUse, idle), available.owned) > 0,
  };
}

function reservedUse(
  need: Need,
  reservations: readonly Reservation[],
): { readonly inUse: Quantity; readonly idle: Quantity } {
  const perSubject = Map.groupBy(reservations, (each) => each.subjectId);
  const used: Quantity[] = [];
  const idle: Quantity[] = [];
  for (const [subjectId, own] of perSubject) {
    const needed = need.bySubject.get(subjectId) ?? '0';
    const reserved = sumQuantities(own.map((each) => each.quantity));
    const blocking = sumQuantities(
      own.filter((each) => each.blocking).map((each) => each.quantity),
    );
    used.push(minQuantity(reserved, needed));
    idle.push(excess(blocking, needed));
  }
  return { inUse: sumQuantities(used), idle: sumQuantities(idle) };
}
