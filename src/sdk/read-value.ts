import { isLocalDate, type LocalDate } from '../kernel/dates.ts';
import { ValidationError } from '../kernel/errors.ts';
import type { Json } from '../kernel/hash.ts';

/**
 * Readers that turn a vendor's spelling of a value into ours. Each throws a ValidationError that says what the
 * value should look like and never repeats the value, because it may be personal.
 */

/** Longer figures are refused before they cost time; `numeric(24,10)` needs 25 characters. */
const MAX_FIGURE = 64;
const PLAIN = /^-?(?:0|[1-9]\d*)$/;
const FIGURE = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,2}))?$/;

/**
 * A figure as the one plain decimal text it has: no exponent, no leading or trailing zeros ("25.00" is "25").
 * Reads decimal text, also with an exponent as SuiteQL writes large figures, and JSON numbers whose digits are certain.
 */
export function readDecimal(value: Json): string {
  if (typeof value === 'number') return decimalOfNumber(value);
  if (typeof value !== 'string')
    throw new ValidationError('expected a decimal number such as 1200.50');
  if (value.length <= 15 && PLAIN.test(value) && value !== '-0') return value;
  return plainDecimal(value);
}

function decimalOfNumber(value: number): string {
  if (Number.isSafeInteger(value)) return String(value === 0 ? 0 : value);
  if (!Number.isFinite(value) || Number.isInteger(value)) {
    throw new ValidationError(
      'expected a number whose digits are certain (at most 15), or the figure as text',
    );
  }
  const text = String(value);
  return text.includes('e') ? plainDecimal(text) : text;
}

function plainDecimal(text: string): string {
  const match = text.length <= MAX_FIGURE ? FIGURE.exec(text) : null;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match ?? [];
  const digits = whole + fraction;
  if (match === null || digits === '') {
    throw new ValidationError('expected a decimal number such as 1200.50');
  }
  const point = whole.length + Number(exponent);
  const left = point <= 0 ? '0' : digits.slice(0, point).padEnd(point, '0');
  const right = point <= 0 ? digits.padStart(digits.length - point, '0') : digits.slice(point);
  const plain = `${left.replace(/^0+(?=\d)/, '')}.${right}`.replace(/\.?0*$/, '');
  return sign === '-' && plain !== '0' ? `-${plain}` : plain;
}

/** A whole number, from a JSON number or decimal text ("3.0" is 3). Refused beyond 2^53, where digits are lost. */
export function readInteger(value: Json): number {
  const text = readDecimal(value);
  const whole = Number(text);
  if (text.includes('.') || !Number.isSafeInteger(whole)) {
    throw new ValidationError('expected a whole number of at most 15 digits');
  }
  return whole;
}

/** A JSON number that holds exactly the digits of the figure; refused where it would not. */
export function readNumber(value: Json): number {
  const text = readDecimal(value);
  const figure = Number(text);
  if (
    text.replace(/[-.]/g, '').replace(/^0+/, '').length > 15 ||
    decimalOfNumber(figure) !== text
  ) {
    throw new ValidationError('expected a number of at most 15 digits');
  }
  return figure;
}

const BOOLEANS: ReadonlyMap<Json, boolean> = new Map<Json, boolean>([
  [true, true],
  [false, false],
  ['true', true],
  ['false', false],
  ['t', true],
  ['f', false],
  ['yes', true],
  ['no', false],
  ['y', true],
  ['n', false],
  ['1', true],
  ['0', false],
  [1, true],
  [0, false],
]);

/** A yes or no as the systems spell it: true/false, T/F, yes/no, Y/N, 1/0, in any letter case. */
export function readBoolean(value: Json): boolean {
  const key = typeof value === 'string' ? value.trim().toLowerCase() : value;
  const found = BOOLEANS.get(key);
  if (found === undefined) throw new ValidationError('expected true or false');
  return found;
}

const DATE_FORMATS: Readonly<Record<string, RegExp>> = {
  'YYYY-MM-DD': /^(?<y>\d{4})-(?<m>\d{2})-(?<d>\d{2})$/,
  YYYYMMDD: /^(?<y>\d{4})(?<m>\d{2})(?<d>\d{2})$/,
  'YYYY/MM/DD': /^(?<y>\d{4})\/(?<m>\d{1,2})\/(?<d>\d{1,2})$/,
  'M/D/YYYY': /^(?<m>\d{1,2})\/(?<d>\d{1,2})\/(?<y>\d{4})$/,
  'D/M/YYYY': /^(?<d>\d{1,2})\/(?<m>\d{1,2})\/(?<y>\d{4})$/,
  'D.M.YYYY': /^(?<d>\d{1,2})\.(?<m>\d{1,2})\.(?<y>\d{4})$/,
};
const DATE_OF_INSTANT = /^(\d{4}-\d{2}-\d{2})[T ]\d{2}:\d{2}/;

/**
 * A calendar date as `YYYY-MM-DD`. Without a format, ISO dates and the date part of ISO instants are read;
 * with one (`M/D/YYYY`, `D.M.YYYY` …), that form and no other, because 3/4 is not the same day everywhere.
 */
export function readDate(value: Json, format?: string): LocalDate {
  if (typeof value !== 'string') throw new ValidationError('expected a date such as 2026-03-31');
  if (format === undefined) {
    const date = value.length === 10 ? value : (DATE_OF_INSTANT.exec(value)?.[1] ?? value);
    if (isLocalDate(date)) return date;
    throw new ValidationError('expected a date such as 2026-03-31');
  }
  const pattern = Object.hasOwn(DATE_FORMATS, format) ? DATE_FORMATS[format] : undefined;
  if (pattern === undefined) {
    const known = Object.keys(DATE_FORMATS).join(', ');
    throw new ValidationError(`the date format must be one of ${known}`);
  }
  const { y = '', m = '', d = '' } = pattern.exec(value)?.groups ?? {};
  const date = `${y}-${m.padStart(2, '0')}-${d.padStart(2, '0')}`;
  if (!isLocalDate(date)) throw new ValidationError(`expected a date of the form ${format}`);
  return date;
}

const INSTANT =
  /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?(Z|z|[+-]\d{2}:?\d{2})?$/;

/**
 * An instant as RFC 3339 in UTC with milliseconds. Reads Salesforce's `+0000` offset and NetSuite's blank instead
 * of `T`; without an offset the text is taken as UTC.
 */
export function readInstant(value: Json): string {
  const match = typeof value === 'string' ? INSTANT.exec(value) : null;
  const [, date = '', time = '', fraction = '', zone = 'Z'] = match ?? [];
  const offset = zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone.toUpperCase();
  const instant = new Date(`${date}T${time}.${fraction.slice(0, 3).padEnd(3, '0')}${offset}`);
  if (match === null || Number.isNaN(instant.getTime())) {
    throw new ValidationError('expected an instant such as 2026-03-02T09:30:00Z');
  }
  return instant.toISOString();
}

/** Text, from text or from a figure or yes/no that has one spelling. */
export function readText(value: Json): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return decimalOfNumber(value);
  throw new ValidationError('expected text');
}
