import { addMoney, money, type Money } from '../../kernel/money.ts';
import { compareText } from '../sort.ts';

/** Adds amounts up, each currency by itself; what has no amount adds nothing. By currency. */
export function sumMoney(
  amounts: readonly { readonly amount: string | null; readonly currency: string | null }[],
): readonly Money[] {
  const known = amounts.flatMap(({ amount, currency }) =>
    amount === null || currency === null ? [] : [money(amount, currency)],
  );
  return [...Map.groupBy(known, ({ currency }) => currency).values()]
    .map((own) => own.reduce(addMoney))
    .toSorted((left, right) => compareText(left.currency, right.currency));
}
