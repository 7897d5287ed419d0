import type { PositionLine } from '../../canonical/position-line.ts';
import { hashJson } from '../../kernel/hash.ts';
import { money, subtractMoney, type Money } from '../../kernel/money.ts';
import { subtractQuantity, type Quantity } from '../../kernel/quantity.ts';
import { sumMoney } from '../cycles/sum-money.ts';
import type { Metrics } from '../figures.ts';
import { computePositions } from '../position.ts';
import type { Snapshot } from '../snapshot.ts';
import { compareText } from '../sort.ts';
import { withRules } from './rule-facts.ts';
import type { RuleSetDocument } from './rule-set-document.ts';

const QUANTITIES = ['rightsRequired', 'surplus', 'shortfall'] as const;
const AMOUNTS = ['trueUpCost', 'overLicensedAmount'] as const;

/** A figure under the rules that hold, and under the others; null where it cannot be said. */
interface Moved {
  readonly before: string | null;
  readonly after: string | null;
  readonly difference: string | null;
}

/** A position that the rules would move. */
interface RuleImpact {
  readonly lineId: string;
  readonly posture: PositionLine['posture'];
  readonly ownerRef: string;
  readonly ownerName: string | null;
  readonly skuCode: string;
  readonly metricCode: string | null;
  readonly status: {
    readonly before: PositionLine['status'] | null;
    readonly after: PositionLine['status'] | null;
  };
  readonly currency: string | null;
  readonly figures: Readonly<Record<(typeof QUANTITIES)[number] | (typeof AMOUNTS)[number], Moved>>;
}

/** What a version of a rule set would do to the positions of one frozen world, where nothing else changes. */
export interface RuleShadow {
  /** Positions that were compared. */
  readonly compared: number;
  readonly moved: readonly RuleImpact[];
  /** Over all positions, per currency; nothing is converted. */
  readonly money: readonly {
    readonly currency: string;
    readonly trueUpCost: Moved;
    readonly overLicensedAmount: Moved;
  }[];
  readonly resultHash: string;
}

/**
 * Computes the positions of a snapshot as they are and under a version of a rule set, and tells what moves. The same snapshot
 * and the same version give the same `resultHash`. Pure.
 */
export function shadowRules(
  snapshot: Snapshot,
  metrics: Metrics,
  draft: { readonly ruleSet: string; readonly document: RuleSetDocument },
): RuleShadow {
  const before = linesOf(snapshot, metrics);
  const after = linesOf(withRules(snapshot, draft.ruleSet, draft.document), metrics);
  const ids = [...new Set([...before.keys(), ...after.keys()])];
  const moved = ids
    .flatMap((id) => impactOf(before.get(id), after.get(id)))
    .toSorted(
      (left, right) =>
        compareText(left.posture, right.posture) ||
        compareText(left.ownerRef, right.ownerRef) ||
        compareText(left.skuCode, right.skuCode),
    );
  const totals = moneyOf([...before.values()], [...after.values()]);
  return {
    compared: ids.length,
    moved,
    money: totals,
    resultHash: hashJson({ compared: ids.length, moved, money: totals }),
  };
}

function linesOf(snapshot: Snapshot, metrics: Metrics): ReadonlyMap<string, PositionLine> {
  return new Map(computePositions(snapshot, metrics).map(({ line }) => [line.id, line]));
}

function impactOf(
  before: PositionLine | undefined,
  after: PositionLine | undefined,
): readonly RuleImpact[] {
  const line = after ?? before;
  if (line === undefined) return [];
  const figures = {
    rightsRequired: quantity(before, after, 'rightsRequired'),
    surplus: quantity(before, after, 'surplus'),
    shortfall: quantity(before, after, 'shortfall'),
    trueUpCost: amount(before, after, 'trueUpCost'),
    overLicensedAmount: amount(before, after, 'overLicensedAmount'),
  };
  const status = { before: before?.status ?? null, after: after?.status ?? null };
  const isStill = Object.values(figures).every((each) => each.before === each.after);
  if (isStill && status.before === status.after) return [];
  const { id: lineId, posture, ownerRef, ownerName, skuCode, metricCode, currency } = line;
  return [{ lineId, posture, ownerRef, ownerName, skuCode, metricCode, status, currency, figures }];
}

/** What no line says is no demand and no right: nothing. */
function quantity(
  before: PositionLine | undefined,
  after: PositionLine | undefined,
  figure: (typeof QUANTITIES)[number],
): Moved {
  const [from, to]: readonly (Quantity | null)[] = [before, after].map((line) =>
    line === undefined ? '0' : line[figure],
  );
  return moved(from ?? null, to ?? null, subtractQuantity);
}

function amount(
  before: PositionLine | undefined,
  after: PositionLine | undefined,
  figure: (typeof AMOUNTS)[number],
): Moved {
  const currency = after?.currency ?? before?.currency ?? null;
  const [from, to] = [before, after].map((line) => line?.[figure] ?? null);
  if (currency === null) return moved(from ?? null, to ?? null, () => '');
  return moved(from ?? null, to ?? null, (later, earlier) =>
    minus({ amount: later, currency }, { amount: earlier, currency }),
  );
}

function moved(
  before: string | null,
  after: string | null,
  difference: (later: string, earlier: string) => string,
): Moved {
  const known = before !== null && after !== null;
  return { before, after, difference: known ? difference(after, before) : null };
}

function minus(later: Money, earlier: Money): string {
  return subtractMoney(money(later.amount, later.currency), money(earlier.amount, earlier.currency))
    .amount;
}

function moneyOf(
  before: readonly PositionLine[],
  after: readonly PositionLine[],
): RuleShadow['money'] {
  const currencies = [...before, ...after].flatMap(({ currency }) => currency ?? []);
  const total = (
    lines: readonly PositionLine[],
    figure: (typeof AMOUNTS)[number],
    currency: string,
  ): string =>
    sumMoney(lines.map((line) => ({ amount: line[figure], currency: line.currency }))).find(
      (each) => each.currency === currency,
    )?.amount ?? money('0', currency).amount;
  return [...new Set(currencies)].toSorted(compareText).map((currency) => {
    const figure = (name: (typeof AMOUNTS)[number]): Moved =>
      moved(total(before, name, currency), total(after, name, currency), (later, earlier) =>
        minus({ amount: later, currency }, { amount: earlier, currency }),
      );
    return {
      currency,
      trueUpCost: figure('trueUpCost'),
      overLicensedAmount: figure('overLicensedAmount'),
    };
  });
}
