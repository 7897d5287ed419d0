import * as z from 'zod';
import { isLocalDate } from '../kernel/dates.ts';

/** The id that the source system gave a record, unique within one connection and noun. */
export const ExternalRef = z.string().min(1).max(255);

/** A calendar date, `YYYY-MM-DD`, in the agreement's time zone. */
export const CalendarDate = z
  .string()
  .refine(isLocalDate, { error: 'is not a date such as 2026-03-31' });

/** An instant, RFC 3339 in UTC. */
export const Instant = z.iso.datetime({ offset: true });

/** A quantity of licensable units: `numeric(20,6)` as a decimal string. */
export const QuantityText = z
  .string()
  .regex(/^-?\d{1,14}(\.\d{1,6})?$/, 'is not a quantity such as 25 or 2.5');

/** A unit price: `numeric(24,10)` as a decimal string. */
export const UnitPrice = z
  .string()
  .regex(/^-?\d{1,14}(\.\d{1,10})?$/, 'is not a unit price such as 120.00');

/** An amount at its currency's exponent, as a decimal string. */
export const Amount = z
  .string()
  .regex(/^-?\d{1,18}(\.\d{1,4})?$/, 'is not an amount such as 1200.00');

/** An ISO 4217 code. */
export const CurrencyCode = z
  .string()
  .regex(/^[A-Z]{3}$/, 'is not an ISO 4217 currency code such as EUR');

/** An ISO 3166-1 alpha-2 code. */
export const CountryCode = z
  .string()
  .regex(/^[A-Z]{2}$/, 'is not an ISO 3166 country code such as DE');

/** A publisher's or our own part number: what lines of every system are matched by. */
export const SkuCode = z.string().min(1).max(120);

/**
 * Valid time as half-open local dates: the first day that counts and the first that no longer does.
 * Sources with inclusive ends are converted on the way in (rule b.1).
 */
export const validity = {
  validFrom: CalendarDate.optional(),
  validTo: CalendarDate.optional(),
} as const;

/** A share in percent as a decimal string, such as "5" or "6.2". */
export const Percent = z
  .string()
  .regex(/^-?\d{1,6}(\.\d{1,4})?$/, 'is not a percentage such as 6.2');

/** An exact ratio: a decimal ("0.5") or a fraction ("1/3"). */
export const Fraction = z
  .string()
  .regex(/^\d+(\.\d+)?$|^\d+\/[1-9]\d*$/, 'is not a ratio such as 0.5 or 1/3');

/** SHA-256 in lower-case hex. */
export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'is not a SHA-256 in hex');
