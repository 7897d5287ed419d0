import {
  addQuantity,
  compareQuantity,
  subtractQuantity,
  type Quantity,
} from '../kernel/quantity.ts';

/** So many units held on `[from, to)`, in milliseconds since 1970. */
export interface Held {
  readonly id: string;
  readonly quantity: Quantity;
  readonly from: number;
  readonly to: number;
  readonly evidence: readonly string[];
}

export interface Peak {
  readonly quantity: Quantity;
  /** When it was first reached; null where nothing was held. */
  readonly at: number | null;
  /** What was held then, in the order of ids. */
  readonly held: readonly Held[];
  /** How many intervals touch the window. */
  readonly of: number;
}

/** The most that was held at one instant of `[from, to)`. What ends at an instant is free for what begins at it. */
export function peakOf(
  all: readonly Held[],
  window: { readonly from: number; readonly to: number },
): Peak {
  const inside = all.filter(
    (each) => each.from < each.to && each.from < window.to && each.to > window.from,
  );
  const edges = inside
    .flatMap((each) => [
      { at: Math.max(each.from, window.from), opens: true, quantity: each.quantity },
      { at: each.to, opens: false, quantity: each.quantity },
    ])
    .toSorted((left, right) => left.at - right.at || Number(left.opens) - Number(right.opens));
  let now: Quantity = '0';
  let most: Quantity = '0';
  let at: number | null = null;
  for (const edge of edges) {
    now = edge.opens ? addQuantity(now, edge.quantity) : subtractQuantity(now, edge.quantity);
    if (compareQuantity(now, most) > 0) [most, at] = [now, edge.at];
  }
  const held =
    at === null
      ? []
      : inside.filter((each) => each.from <= (at as number) && (at as number) < each.to);
  return {
    quantity: most,
    at,
    held: held.toSorted((left, right) => (left.id < right.id ? -1 : 1)),
    of: inside.length,
  };
}
