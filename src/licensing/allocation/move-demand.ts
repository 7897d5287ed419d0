import { addQuantity, excess, sumQuantities, type Quantity } from '../../kernel/quantity.ts';
import type { MeteredSubject } from '../../sdk/define-metric.ts';
import type { PoolFigures } from '../figures.ts';
import { compareText } from '../sort.ts';

/** Demand that is licensed by another product or at another layer than it was counted at first. */
export interface DemandMove {
  /** Subjects that this pool no longer licenses. */
  readonly gone: ReadonlySet<string>;
  /** What it licenses instead. */
  readonly came: readonly MeteredSubject[];
}

/** A pool after demand left it and came to it; `words` says so, from the rights that are less and more. */
export function moveDemand(
  figures: PoolFigures,
  { gone, came }: DemandMove,
  words: (change: { readonly minus: Quantity; readonly plus: Quantity }) => readonly string[],
): PoolFigures {
  if (gone.size + came.length === 0) return figures;
  const { met, exempted } = figures;
  const leaving = met.counted.filter(({ subjectId }) => gone.has(subjectId));
  const minus = sumQuantities(leaving.map(({ licensableQuantity }) => licensableQuantity));
  const plus = sumQuantities(came.map(({ licensableQuantity }) => licensableQuantity));
  const change = (quantity: Quantity): Quantity => addQuantity(excess(quantity, minus), plus);
  const changed = {
    ...met,
    required: change(met.required),
    counted: [...met.counted.filter(({ subjectId }) => !gone.has(subjectId)), ...came].toSorted(
      (left, right) => compareText(left.subjectId, right.subjectId),
    ),
    explanation: [...met.explanation, ...words({ minus, plus })],
  };
  return {
    ...figures,
    met: changed,
    exempted: { ...exempted, met: changed, gross: change(exempted.gross) },
  };
}
