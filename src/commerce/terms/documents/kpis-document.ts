import * as z from 'zod';
import { Amount, CalendarDate, CurrencyCode } from '../../../canonical/fields.ts';
import { parseDecimal, rational, toFixed, toPlain, type Rational } from '../../../kernel/rational.ts'; // prettier-ignore
import { checkCurrency, collectProblems, documentHead, type Problems } from '../problems.ts';
import { cohortKpis, forecastKpis, retentionKpis, type CohortTerm } from '../renewal-kpis.ts';

const Figure = z
  .string()
  .regex(/^-?\d{1,18}(\.\d{1,10})?$/, 'is not a decimal number such as 12.5');

const Term = z.strictObject({
  id: z.string().min(1),
  expiring: Amount.describe('Yearly value that expires'),
  renewed: Amount.default('0').describe('Yearly value that was renewed'),
  endInclusive: CalendarDate.describe('The last day of the term'),
  outcome: z.enum(['won', 'lost', 'open']),
  closedOn: CalendarDate.optional().describe('The day on which it was won or lost'),
  opportunityCreatedOn: CalendarDate.optional(),
});

/** Figures of renewals; each part is computed that is there. */
export const KpisDocument = z
  .strictObject({
    ...documentHead,
    what: z.literal('kpis'),
    currency: CurrencyCode.optional(),
    /** Decimal places of percentages. */
    places: z.number().int().min(0).max(6).default(2),
    cohort: z.array(Term).min(1).max(100_000).optional(),
    recurring: z
      .strictObject({ opening: Amount, expansion: Amount, contraction: Amount, churn: Amount })
      .optional(),
    forecast: z
      .array(z.strictObject({ actual: Figure, forecast: Figure }))
      .min(1)
      .max(100_000)
      .optional(),
  })
  .refine(({ cohort, recurring, forecast }) => [cohort, recurring, forecast].some((each) => each !== undefined), { error: 'has nothing to compute: give cohort, recurring or forecast' }); // prettier-ignore
type KpisDocument = z.output<typeof KpisDocument>;

/** A share: exactly as a fraction, as a decimal with eight places at most, and in percent. */
export interface KpiShare {
  readonly exact: string;
  readonly value: string;
  readonly percent: string;
}
type Kpi = KpiShare | null;

export interface Kpis {
  readonly what: 'kpis';
  readonly cohort: {
    readonly grossRenewalRate: Kpi;
    readonly netRenewalRate: Kpi;
    readonly renewalWinRate: Kpi;
    readonly onTimeRenewalRate: Kpi;
    readonly open: number;
    readonly timeToRenew: { readonly medianDays: string | null; readonly meanDays: string | null };
    readonly daysLate: readonly number[];
  } | null;
  readonly recurring: { readonly grr: Kpi; readonly nrr: Kpi } | null;
  readonly forecast: {
    readonly mape: Kpi;
    readonly wape: Kpi;
    readonly accuracy: Kpi;
    readonly bias: Kpi;
    readonly zeroActuals: number;
  } | null;
  readonly steps: readonly string[];
}

type Show = (value: Rational | null) => Kpi;

function shower(places: number): Show {
  return (value) =>
    value === null
      ? null
      : {
          exact: value.den === 1n ? `${value.num}` : `${value.num}/${value.den}`,
          value: toPlain(value, 8),
          percent: toFixed({ num: value.num * 100n, den: value.den }, places),
        };
}

function checkTerm(problems: Problems, at: number, term: z.output<typeof Term>): void {
  const pointer = `/cohort/${at}`;
  if (parseDecimal(term.expiring).num <= 0n)
    problems.add(`${pointer}/expiring`, 'quantity_not_positive', 'what expires is worth more than zero'); // prettier-ignore
  if (parseDecimal(term.renewed).num < 0n || (term.outcome !== 'won' && parseDecimal(term.renewed).num > 0n)) // prettier-ignore
    problems.add(`${pointer}/renewed`, 'quantity_not_positive', `${term.renewed} was not renewed of a term that is ${term.outcome}`); // prettier-ignore
  if (term.outcome === 'won' && term.closedOn === undefined)
    problems.add(`${pointer}/closedOn`, 'missing', 'when was it won?');
  const { opportunityCreatedOn: created, closedOn: closed } = term;
  if (created !== undefined && closed !== undefined && closed < created)
    problems.add(`${pointer}/closedOn`, 'end_before_start', `was closed on ${closed}, before it was opened on ${created}`); // prettier-ignore
}

function cohortOf(
  terms: readonly z.output<typeof Term>[],
  show: Show,
): NonNullable<Kpis['cohort']> {
  // prettier-ignore
  const figures = cohortKpis(
    terms.map(
      (each): CohortTerm => ({
        endInclusive: each.endInclusive,
        outcome: each.outcome,
        expiring: parseDecimal(each.expiring),
        renewed: parseDecimal(each.renewed),
        closedOn: each.closedOn ?? null,
        opportunityCreatedOn: each.opportunityCreatedOn ?? null,
      }),
    ),
  );
  const days = (value: Rational | null): string | null =>
    value === null ? null : toPlain(value, 2);
  const { median, mean } = figures.timeToRenew;
  return {
    grossRenewalRate: show(figures.grossRenewalRate),
    netRenewalRate: show(figures.netRenewalRate),
    renewalWinRate: show(figures.renewalWinRate),
    onTimeRenewalRate: show(figures.onTimeRenewalRate),
    open: figures.open,
    timeToRenew: { medianDays: days(median), meanDays: days(mean) },
    daysLate: figures.daysLate,
  };
}

function stepsOf({ cohort, recurring, forecast }: Omit<Kpis, 'what' | 'steps'>): readonly string[] {
  const said = (name: string, kpi: Kpi): string =>
    `${name}: ${kpi === null ? 'cannot be computed (it would be divided by zero)' : `${kpi.percent} % (${kpi.exact})`}`;
  return [
    ...(cohort === null
      ? []
      : [
          said('Gross renewal rate, of each term at most what expired', cohort.grossRenewalRate),
          said('Net renewal rate, all that was renewed of what expired', cohort.netRenewalRate),
          said('Win rate, won of won and lost', cohort.renewalWinRate),
          said('On time, won by the last day, of all terms', cohort.onTimeRenewalRate),
          `Still open: ${cohort.open}`,
          `Days from opportunity to close: median ${cohort.timeToRenew.medianDays ?? '-'}, mean ${cohort.timeToRenew.meanDays ?? '-'}`,
        ]),
    ...(recurring === null
      ? []
      : [
          said('Gross retention, opening less contraction and churn', recurring.grr),
          said('Net retention, with expansion', recurring.nrr),
        ]),
    ...(forecast === null
      ? []
      : [
          said('MAPE, the mean of the errors as shares of each actual', forecast.mape),
          said('WAPE, all errors of all actuals', forecast.wape),
          said('Accuracy, one less WAPE', forecast.accuracy),
          said('Bias, forecast too high where above zero', forecast.bias),
          `Actuals that are zero: ${forecast.zeroActuals}`,
        ]),
  ];
}

/** The figures of the document's parts. Throws ValidationError with its problems. */
export function evaluateKpis(document: KpisDocument): Kpis {
  const problems = collectProblems();
  if (document.currency !== undefined) checkCurrency(problems, '/currency', document.currency);
  document.cohort?.forEach((term, at) => checkTerm(problems, at, term));
  problems.refuse();
  const show = shower(document.places);
  const { cohort, recurring, forecast } = document;
  const read = (text: string | undefined): Rational => text === undefined ? rational(0n) : parseDecimal(text); // prettier-ignore
  const retention =
    recurring === undefined
      ? null
      : retentionKpis({
          opening: read(recurring.opening),
          expansion: read(recurring.expansion),
          contraction: read(recurring.contraction),
          churn: read(recurring.churn),
        });
  const errors =
    forecast === undefined
      ? null
      : forecastKpis(
          forecast.map((point) => ({
            actual: parseDecimal(point.actual),
            forecast: parseDecimal(point.forecast),
          })),
        );
  const parts = {
    cohort: cohort === undefined ? null : cohortOf(cohort, show),
    recurring: retention === null ? null : { grr: show(retention.grr), nrr: show(retention.nrr) },
    forecast:
      errors === null
        ? null
        : {
            mape: show(errors.mape),
            wape: show(errors.wape),
            accuracy: show(errors.accuracy),
            bias: show(errors.bias),
            zeroActuals: errors.zeroActuals,
          },
  };
  return { what: 'kpis', ...parts, steps: stepsOf(parts) };
}
