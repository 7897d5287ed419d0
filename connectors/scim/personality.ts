import type { Json } from '../../src/sdk/kernel.ts';
import type { Provider } from './provider.ts';
import { isObject } from './scim-client.ts';

/** Whose habits a directory shows. It changes nothing about the reading: every form is read everywhere. */
export type Personality = 'okta' | 'entra' | 'strict';

const NAMES: Readonly<Record<Personality, string>> = {
  okta: 'Answers as Okta does (rate-limit headers)',
  entra: 'Answers as Entra does (booleans as text)',
  strict: 'Answers as RFC 7644 has it',
};

const OKTA = /(^|\.)okta(preview|-emea)?\.com$/;
const ENTRA = /(^|\.)(microsoft|windowsazure|azure)\.com$/;

function hostOf(uri: string): string {
  return URL.canParse(uri) ? new URL(uri).hostname.toLowerCase() : '';
}

function hasBooleanText(row: Json): boolean {
  return (
    isObject(row) && typeof row['active'] === 'string' && /^(true|false)$/i.test(row['active'])
  );
}

/** Tells the personality from where the vendor documents its service, else from how it answers. */
export function personalityOf(
  provider: Provider,
  answer: { readonly headers: Readonly<Record<string, unknown>>; readonly rows: readonly Json[] },
): Personality {
  const host = hostOf(provider.documentation);
  if (OKTA.test(host)) return 'okta';
  if (ENTRA.test(host)) return 'entra';
  if (answer.rows.some(hasBooleanText)) return 'entra';
  return 'x-rate-limit-limit' in answer.headers ? 'okta' : 'strict';
}

/** One sentence for the connection's checks: whose habits, and how the lists are paged. */
export function describePersonality(
  personality: Personality,
  { paging, maxPageSize, cursorTimeout }: Provider,
  asked: 'auto' | 'index' | 'cursor',
): string {
  const byCursor = asked === 'cursor' || (asked === 'auto' && paging.cursor);
  const most = maxPageSize === null ? '' : `, ${maxPageSize} records a page at most`;
  const life = byCursor && cursorTimeout !== null ? `, a cursor lives ${cursorTimeout} s` : '';
  return `${NAMES[personality]}; pages by ${byCursor ? 'cursor' : 'index'}${most}${life}`;
}
