import * as z from 'zod';
import { Amount, CurrencyCode, Percent } from '../../../canonical/fields.ts';
import { moneyOf } from '../../../kernel/money.ts';
import { multiply, parseDecimal, rational } from '../../../kernel/rational.ts';
import { checkCurrency, collectProblems, documentHead, type Problems } from '../problems.ts';
import { rises, type Rise, type UpliftTerms } from '../uplift.ts';

/** What a contract says of rises at renewal. */
export const UpliftFields = z.strictObject({
  index: z.enum(['cpi', 'fixed']),
  fixedPct: Percent.optional(),
  floorPct: Percent.optional(),
  capPct: Percent.optional(),
  compounding: z.boolean().default(true),
});

/** A price over the renewals that follow each other. */
export const UpliftDocument = z.strictObject({
  ...documentHead,
  what: z.literal('uplift'),
  currency: CurrencyCode,
  base: Amount.optional().describe('What the term before the first renewal costs'),
  policy: UpliftFields,
  indices: z
    .array(Percent)
    .max(100)
    .default([])
    .describe('The published index before each renewal, in percent, oldest first'),
  renewals: z.number().int().min(1).max(100).optional().describe('How many, for a fixed uplift'),
});
type UpliftDocument = z.output<typeof UpliftDocument>;

/** One rise as it is shown. */
export interface RaisedPrice {
  readonly renewal: number;
  readonly indexPct: string;
  readonly appliedPct: string;
  readonly because: Rise['because'];
  readonly amount: string;
}

export interface Uplifted {
  readonly what: 'uplift';
  readonly currency: string;
  readonly base: string;
  readonly renewals: readonly RaisedPrice[];
  readonly steps: readonly string[];
}

const BECAUSE: Readonly<Record<Rise['because'], string>> = {
  index: 'the index, between floor and cap',
  fixed: 'fixed',
  floor: 'held up by the floor',
  cap: 'held down by the cap',
};

/** What is wrong with an uplift policy: a floor above its cap, a fixed one without its figure. */
export function checkUplift(problems: Problems, at: string, policy: UpliftTerms): void {
  const { index, fixedPct, floorPct, capPct } = policy;
  if (index === 'fixed' && fixedPct === undefined)
    problems.add(`${at}/fixedPct`, 'missing', 'a fixed uplift needs its percentage: ask whoever signed the contract'); // prettier-ignore
  if (floorPct !== undefined && capPct !== undefined && Number(floorPct) > Number(capPct))
    problems.add(`${at}/floorPct`, 'overlap', `the floor ${floorPct} is above the cap ${capPct}`);
}

/** The words for one rise. */
export function riseWords({ indexPct, appliedPct, because }: Rise): string {
  return because === 'index' || because === 'fixed'
    ? `${appliedPct} % (${BECAUSE[because]})`
    : `${appliedPct} % (the index says ${indexPct}, ${BECAUSE[because]})`;
}

/** The price of each renewal, rounded once. Throws ValidationError with its problems. */
export function evaluateUplift(document: UpliftDocument): Uplifted {
  const { currency, policy } = document;
  const problems = collectProblems();
  checkCurrency(problems, '/currency', currency);
  checkUplift(problems, '/policy', policy);
  if (document.base === undefined)
    problems.add('/base', 'price_missing', 'the price before the first renewal is not stated: ask whoever signed the contract'); // prettier-ignore
  if (policy.index === 'cpi' && document.indices.length === 0)
    problems.add('/indices', 'missing', 'an index uplift needs the published index of each renewal'); // prettier-ignore
  problems.refuse();
  const base = document.base === undefined ? rational(0n) : parseDecimal(document.base);
  const indices = policy.index === 'fixed' ? Array.from({ length: document.renewals ?? 1 }, () => '0') : document.indices; // prettier-ignore
  const first = moneyOf(base, currency).amount;
  const raised = rises(policy, indices).map((rise, at) => {
    const { amount } = moneyOf(multiply(base, rise.factor), currency);
    const { indexPct, appliedPct, because } = rise;
    return {
      shown: { renewal: at + 1, indexPct, appliedPct, because, amount },
      step: `Renewal ${at + 1}: ${riseWords(rise)}, of ${policy.compounding ? 'the price before it' : 'the first price'}: ${amount} ${currency}`,
    };
  });
  return {
    what: 'uplift',
    currency,
    base: first,
    renewals: raised.map(({ shown }) => shown),
    steps: [`First term: ${first} ${currency}`, ...raised.map(({ step }) => step)],
  };
}
