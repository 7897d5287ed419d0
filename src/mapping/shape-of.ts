import type { Json } from '../kernel/hash.ts';

/**
 * What kind of value this is, in words for an error: "text of 12 characters", "list of 3", "no value".
 * Never the value itself, which may be personal or secret.
 */
export function shapeOf(value: Json | undefined): string {
  if (value === null || value === undefined) return 'no value';
  if (typeof value === 'string') return `text of ${value.length} characters`;
  if (typeof value === 'boolean') return 'a true or false';
  if (typeof value === 'number')
    return Number.isInteger(value) ? 'a whole number' : 'a number with decimals';
  return Array.isArray(value)
    ? `a list of ${value.length}`
    : `an object with ${Object.keys(value).length} fields`;
}
