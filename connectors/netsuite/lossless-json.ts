import { mayHoldLongFigures } from '../../src/sdk/exact-json.ts';
import { ValidationError, type Json, type JsonObject } from '../../src/sdk/kernel.ts';

const NUMBER = /^(-?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;

/**
 * The plain spelling of a JSON or Oracle number: no exponent, no trailing zeros, a leading zero (`.5` is `0.5`).
 * Digits are moved as text, so integers beyond 2^53 and decimals stay exact (reliability case F-64).
 * Throws a ValidationError on anything that is not a number.
 */
export function plainDecimal(text: string): string {
  const match = NUMBER.exec(text);
  if (match === null || !/\d/.test(text)) {
    throw new ValidationError(`"${text}" is not a number. NetSuite gives figures such as 1200.50.`);
  }
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  const power = Number(exponent);
  if (Math.abs(power) > 400)
    throw new ValidationError(`The exponent of "${text}" is out of range.`);
  const point = whole.length + power;
  const digits = `${whole}${fraction}`;
  const padded = point <= 0 ? `${'0'.repeat(1 - point)}${digits}` : digits.padEnd(point, '0');
  const at = Math.max(point, 1);
  const left = padded.slice(0, at).replace(/^0+(?=\d)/, '');
  const right = padded.slice(at).replace(/0+$/, '');
  const figure = right === '' ? left : `${left}.${right}`;
  return figure === '0' ? '0' : `${sign}${figure}`;
}

/** True for text that is an exact decimal as `plainDecimal` reads it. */
export function isDecimal(text: string): boolean {
  return NUMBER.test(text) && /\d/.test(text);
}

/** The figure with its sign turned: `-25` is `25`. Zero stays `0`. */
export function negated(figure: string): string {
  const plain = plainDecimal(figure);
  if (plain === '0') return plain;
  return plain.startsWith('-') ? plain.slice(1) : `-${plain}`;
}

/**
 * Parses JSON with every number as a plain decimal string, digit by digit as the text has it: a text whose figures a
 * double might not hold is read from the source of each, which takes five times as long.
 * Throws a SyntaxError on malformed text.
 */
export function parseLossless(text: string): unknown {
  if (mayHoldLongFigures(text)) return JSON.parse(text, fromSource);
  const parsed: unknown = JSON.parse(text);
  return typeof parsed === 'number' ? spelled(parsed) : withFiguresSpelled(parsed);
}

function fromSource(
  _key: string,
  ...[value, context]: [value: unknown, context?: { readonly source?: string }]
): unknown {
  return typeof value === 'number' && context?.source !== undefined
    ? plainDecimal(context.source)
    : value;
}

function spelled(figure: number): string {
  return Number.isSafeInteger(figure) ? String(figure) : plainDecimal(String(figure));
}

/** Changes a value that was just parsed in place: nobody else has it yet, and a copy would double the work. */
function withFiguresSpelled(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const members = value as Record<string, unknown>;
  for (const name of Object.keys(members)) {
    const inner = members[name];
    if (typeof inner === 'number') members[name] = spelled(inner);
    else if (typeof inner === 'object') withFiguresSpelled(inner);
  }
  return value;
}

const exact = JSON as unknown as { readonly rawJSON: (text: string) => Json };

/** A value that `JSON.stringify` writes as the number that `figure` spells, digit by digit. */
export function rawNumber(figure: string): Json {
  return exact.rawJSON(figure);
}

/**
 * Writes JSON in which members named in `figures` that hold decimal strings go out as JSON numbers, digit by digit.
 * NetSuite declares quantities and rates as numbers.
 */
export function stringifyWithFigures(value: JsonObject, figures: ReadonlySet<string>): string {
  return JSON.stringify(value, (key, member: unknown) =>
    figures.has(key) && typeof member === 'string' && isDecimal(member)
      ? rawNumber(plainDecimal(member))
      : member,
  );
}

/** True for a JSON object (not an array, not null). */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A member of a JSON object by its own name, or undefined. */
export function member(value: unknown, name: string): Json | undefined {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}
