import { createHash } from 'node:crypto';
import { ValidationError } from '../../kernel/errors.ts';
import { exponentOf } from '../../kernel/money.ts';

/** Names in English, as the systems spell them, by code: made at the first use, about 700 codes. */
interface Codes {
  readonly known: ReadonlySet<string>;
  readonly byName: ReadonlyMap<string, string>;
}

/** Codes of ISO 3166-1 that are no country: regions of statistics, placeholders and withdrawn codes. */
const NO_COUNTRY = new Set(
  'AC AN BU CP CQ CS DD DG DY EA EU EZ FX HV IC NH NT QO RH SU TA TP UN VD XA XB XK YD YU ZR ZZ'.split(
    ' ',
  ),
);

let countries: Codes | null = null;
let currencies: Codes | null = null;

/** The ISO 3166-1 alpha-2 code of a code or an English name; null if it is none. */
export function countryCode(text: string): string | null {
  countries ??= codesOf('region', twoLetters());
  return codeIn(countries, text);
}

/** The ISO 4217 code of a code or an English name such as "US Dollar"; null if it is none. */
export function currencyCode(text: string): string | null {
  currencies ??= codesOf('currency', Intl.supportedValuesOf('currency'));
  return codeIn(currencies, text) ?? fundCode(text);
}

/** Funds that the runtime does not list and the kernel knows, such as CLF. */
function fundCode(text: string): string | null {
  const code = text.trim().toUpperCase();
  try {
    exponentOf(code);
    return code;
  } catch {
    return null;
  }
}

function codeIn({ known, byName }: Codes, text: string): string | null {
  const name = text.trim();
  const code = name.toUpperCase();
  return known.has(code) ? code : (byName.get(name.toLowerCase()) ?? null);
}

function codesOf(type: 'region' | 'currency', codes: readonly string[]): Codes {
  const names = new Intl.DisplayNames('en', { type, fallback: 'none' });
  const named = codes.flatMap((code) => {
    const name = names.of(code);
    return name === undefined ? [] : ([[name.toLowerCase(), code]] as const);
  });
  return { known: new Set(named.map(([, code]) => code)), byName: new Map(named) };
}

function twoLetters(): readonly string[] {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'.split('');
  return letters
    .flatMap((first) => letters.map((second) => first + second))
    .filter((code) => !NO_COUNTRY.has(code));
}

/** SHA-256 of the text in hex: tells values apart without showing them. */
export function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

/** The quarter, 1 to 4, of a month in a fiscal year that starts with the given month. */
export function fiscalQuarter(date: string, startMonth: number): bigint {
  if (!Number.isInteger(startMonth) || startMonth < 1 || startMonth > 12) {
    throw new ValidationError('A fiscal year starts with a month from 1 to 12.');
  }
  const month = Number(date.slice(5, 7));
  return BigInt(Math.floor(((month - startMonth + 12) % 12) / 3) + 1);
}
