import type { Json, JsonObject } from '../kernel/hash.ts';

/** The paths at which a record does not hold what is wanted. Only what is wanted is compared: what else is there is its own. */
export function differences(wanted: Json, found: Json | undefined, path: string): string[] {
  if (Array.isArray(wanted)) {
    if (!Array.isArray(found) || found.length !== wanted.length) return [path];
    return wanted.flatMap((each: Json, index) =>
      differences(each, (found as Json[])[index], `${path}[${index}]`),
    );
  }
  if (wanted !== null && typeof wanted === 'object') {
    if (found === null || typeof found !== 'object' || Array.isArray(found)) return [path];
    return Object.entries(wanted as JsonObject).flatMap(([key, inner]) =>
      differences(inner, (found as JsonObject)[key], path === '' ? key : `${path}.${key}`),
    );
  }
  return sameValue(wanted, found) ? [] : [path];
}

/** True if a value of ours is what the other side holds, as far as ours says. */
export function sameForm(ours: Json, theirs: Json): boolean {
  return differences(ours, theirs, '').length === 0;
}

/** True for no value: null, blank text, an empty list. */
export function isBlank(value: Json): boolean {
  if (Array.isArray(value)) return value.length === 0;
  return value === null || (typeof value === 'string' && value.trim() === '');
}

const PLAIN_NUMBER = /^-?\d+(\.\d+)?$/;

/** Equal as values: an absent field is empty, and 25, "25" and "25.00" are one figure. */
function sameValue(wanted: Json, found: Json | undefined): boolean {
  const left = text(wanted);
  const right = text(found ?? null);
  if (left === right) return true;
  return PLAIN_NUMBER.test(left) && PLAIN_NUMBER.test(right) && plain(left) === plain(right);
}

function text(value: Json): string {
  if (value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function plain(figure: string): string {
  const [whole = '0', fraction = ''] = figure.replace(/^-/, '').split('.');
  const digits = `${whole.replace(/^0+(?=\d)/, '')}.${fraction.replace(/0+$/, '')}`;
  return figure.startsWith('-') && /[1-9]/.test(digits) ? `-${digits}` : digits;
}
