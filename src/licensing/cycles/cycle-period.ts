import { addMonths, endInclusive, type LocalDate, type Period } from '../../kernel/dates.ts';
import { ValidationError } from '../../kernel/errors.ts';
import type { ReconciliationCycle } from '../../canonical/reconciliation-cycle.ts';

export type Frequency = ReconciliationCycle['frequency'];

const MONTHS: Readonly<Record<Exclude<Frequency, 'once'>, number>> = {
  monthly: 1,
  quarterly: 3,
  half_yearly: 6,
  yearly: 12,
};

/**
 * The period of a first cycle, half-open: from a day on for as long as its frequency says, or up to a day that is named where it
 * comes once. Throws ValidationError for an end that does not fit.
 */
export function firstPeriod(
  frequency: Frequency,
  from: LocalDate,
  to: LocalDate | null,
): Period & { readonly to: LocalDate } {
  const ends = frequency === 'once' ? to : addMonths(from, MONTHS[frequency]);
  if (ends === null)
    throw new ValidationError('A cycle that comes once needs the day on which its period ends.');
  if (ends <= from)
    throw new ValidationError(
      `A period from ${from} to before ${ends} has no day. Name a later end.`,
    );
  if (to !== null && to !== ends)
    throw new ValidationError(
      `A ${frequency.replace('_', '-')} cycle that begins on ${from} ends with ${endInclusive(ends)}. Leave its end out, or let it come once.`,
    );
  return { from, to: ends };
}

/** The period after one that ended; null where the cycle comes once. Counted from the anchor day, so the 31st comes back. */
export function nextPeriod(cycle: {
  readonly frequency: Frequency;
  readonly anchorDay: number;
  readonly to: LocalDate;
}): { readonly from: LocalDate; readonly to: LocalDate } | null {
  const { frequency, anchorDay, to } = cycle;
  return frequency === 'once'
    ? null
    : { from: to, to: addMonths(to, MONTHS[frequency], anchorDay) };
}

/** The day that a cycle looks at: the last one of its period, or today while that lies ahead. */
export function dayOfCycle(to: LocalDate, today: LocalDate): LocalDate {
  const last = endInclusive(to);
  return last < today ? last : today;
}
