import { addDays, daysBetween, type LocalDate } from '../kernel/dates.ts';
import { addMoney, money, type Money } from '../kernel/money.ts';
import {
  addQuantity,
  compareQuantity,
  subtractQuantity,
  type Quantity,
} from '../kernel/quantity.ts';
import { divide, multiply, parseDecimal, rational, toPlain } from '../kernel/rational.ts';
import type { SavedFinding } from './finding-store.ts';
import type { VarianceRow } from './four-way/variance.ts';
import { median } from './series.ts';
import { compareText, groupBy } from './sort.ts';

/** Rights and their use of one group (domain c.10). A share is a percentage with two places; null where a side is unknown. */
export interface Utilisation {
  readonly group: string;
  readonly owned: Quantity | null;
  readonly seats: Quantity | null;
  readonly used: Quantity | null;
  /** Seats that no right covers, of the rows that have more seats than rights: a surplus elsewhere does not offset it. */
  readonly uncovered: Quantity | null;
  /** Seats by rights owned. */
  readonly assigned: string | null;
  /** Persons seen in use by rights owned. */
  readonly active: string | null;
  /** Persons seen in use by seats. */
  readonly yield: string | null;
}

/** How findings of one kind stand. */
export interface FindingKpi {
  readonly kind: string;
  readonly open: number;
  /** Of those, past their due date. */
  readonly overdue: number;
  readonly accepted: number;
  readonly resolved: number;
  /** Days from open to resolved, of those resolved within the period; null where none was. */
  readonly daysToRemediate: { readonly median: number; readonly mean: number } | null;
  /** What is at stake in those that are not resolved, and what was in those resolved within the period. */
  readonly atStake: readonly Money[];
  readonly saved: readonly Money[];
}

const HUNDRED = rational(100n);

function share(part: Quantity | null, whole: Quantity | null): string | null {
  if (part === null || whole === null || compareQuantity(whole, '0') <= 0) return null;
  return toPlain(multiply(divide(parseDecimal(part), parseDecimal(whole)), HUNDRED), 2);
}

/** A sum is known only where every part is. */
function sumKnown(values: readonly (Quantity | null)[]): Quantity | null {
  return values.reduce<Quantity | null>(
    (sum, value) => (sum === null || value === null ? null : addQuantity(sum, value)),
    '0',
  );
}

function uncoveredOf({ owned, seats }: VarianceRow): Quantity | null {
  if (owned === null || seats === null) return null;
  const gap = subtractQuantity(seats, owned);
  return gap.startsWith('-') ? '0' : gap;
}

/**
 * Utilisation of each group: `assigned`, `active` and `yield` of domain c.10. A row takes part where its rights are known and
 * finite and a source tells of seats, so that a group is not made to look idle by what nobody measures; it is a share, not a
 * position: nothing here is netted into compliance.
 */
export function utilisationOf(
  rows: readonly VarianceRow[],
  groupOf: (row: VarianceRow) => string,
): readonly Utilisation[] {
  const measured = rows.filter((row) => row.owned !== null && row.seats !== null);
  return [...groupBy(measured, groupOf)]
    .map(([group, own]) => {
      const owned = sumKnown(own.map((row) => row.owned));
      const seats = sumKnown(own.map((row) => row.seats));
      const used = sumKnown(own.map((row) => row.used));
      return {
        group,
        owned,
        seats,
        used,
        uncovered: sumKnown(own.map(uncoveredOf)),
        assigned: share(seats, owned),
        active: share(used, owned),
        yield: share(used, seats),
      };
    })
    .toSorted((left, right) => compareText(left.group, right.group));
}

function byCurrency(findings: readonly SavedFinding[]): readonly Money[] {
  const amounts = findings.flatMap(({ amount, currency }) =>
    amount === null || currency === null ? [] : [money(amount, currency)],
  );
  return [...groupBy(amounts, ({ currency }) => currency).values()]
    .map((own) => own.reduce(addMoney))
    .toSorted((left, right) => compareText(left.currency, right.currency));
}

function remediation(resolved: readonly SavedFinding[]): FindingKpi['daysToRemediate'] {
  const days = resolved.map(({ openedAt, resolvedAt }) =>
    daysBetween(openedAt.slice(0, 10), (resolvedAt ?? openedAt).slice(0, 10)),
  );
  if (days.length === 0) return null;
  const mean = days.reduce((sum, each) => sum + each, 0) / days.length;
  return { median: median(days), mean: Math.round(mean * 100) / 100 };
}

/**
 * How each kind of finding stands today, and what was done about it within a period of so many days: days to remediate are
 * resolved less opened (domain c.10), money is summed per currency and never across.
 */
export function findingKpis(
  findings: readonly SavedFinding[],
  { today, days }: { readonly today: LocalDate; readonly days: number },
): readonly FindingKpi[] {
  const since = addDays(today, -days);
  return [...groupBy(findings, ({ kind }) => kind)]
    .map(([kind, own]) => {
      const waiting = own.filter(({ status }) => status === 'open' || status === 'in_progress');
      const accepted = own.filter(({ status }) => status === 'accepted');
      const resolved = own.filter(
        ({ status, resolvedAt }) =>
          status === 'resolved' && (resolvedAt ?? '').slice(0, 10) > since,
      );
      return {
        kind,
        open: waiting.length,
        overdue: waiting.filter(({ dueAt }) => dueAt < today).length,
        accepted: accepted.length,
        resolved: resolved.length,
        daysToRemediate: remediation(resolved),
        atStake: byCurrency([...waiting, ...accepted]),
        saved: byCurrency(resolved),
      };
    })
    .toSorted((left, right) => compareText(left.kind, right.kind));
}
