import * as z from 'zod';
import { Exception } from '../canonical/exception.ts';
import { CalendarDate, QuantityText, SkuCode } from '../canonical/fields.ts';
import { daysBetween, type LocalDate } from '../kernel/dates.ts';
import { ValidationError } from '../kernel/errors.ts';
import { compareQuantity } from '../kernel/quantity.ts';

/** The longest that one exception may last; who needs more asks again, and somebody decides again. */
const MOST_DAYS = 366;

const Words = z.string().trim().min(1).max(4000);

/** What somebody asks for. */
export const ExceptionRequest = z.strictObject({
  kind: Exception.shape.kind,
  /** `own` for our own people, or the customer's CRM account. */
  owner: z.string().min(1).max(255).default('own'),
  sku: SkuCode.nullable().default(null),
  subjects: z.array(z.string().min(1).max(400)).max(10_000).default([]),
  quantityCap: QuantityText.nullable().default(null),
  rationale: Words,
  fallbackControl: Words.nullable().default(null),
  validFrom: CalendarDate,
  /** The first day on which it excludes nothing. */
  validTo: CalendarDate,
});
export type ExceptionRequest = z.output<typeof ExceptionRequest>;

/** Throws ValidationError for a request that could never be approved. */
export function requireSound(wanted: ExceptionRequest, today: LocalDate): void {
  const { sku, subjects, quantityCap, validFrom, validTo } = wanted;
  if (sku === null && subjects.length === 0)
    throw new ValidationError(
      'An exception names a part number, or persons, logins or machines. Without either it would hold for everything.',
    );
  const nameless = subjects.find((each) => !each.includes('/'));
  if (nameless !== undefined)
    throw new ValidationError(
      `"${nameless}" names nobody: a subject is one as a position shows it, such as person:hr/7, or a login or machine as connection/reference.`,
    );
  if (quantityCap !== null && compareQuantity(quantityCap, '0') <= 0)
    throw new ValidationError('The most rights that an exception stands for are more than none.');
  if (validTo <= validFrom)
    throw new ValidationError(
      `An exception from ${validFrom} to before ${validTo} has no day. Name a later end.`,
    );
  if (validTo <= today)
    throw new ValidationError(`An exception that ends before ${validTo} is over already.`);
  if (daysBetween(validFrom, validTo) > MOST_DAYS)
    throw new ValidationError(
      `An exception lasts ${MOST_DAYS} days at most. Ask for another one before this one ends.`,
    );
}
