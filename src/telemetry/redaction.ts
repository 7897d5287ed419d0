import { createSecretIndex } from './secret-index.ts';
import { spellingsOf } from './secret-spellings.ts';

const MASK = '[redacted]';
const DEEPEST = 8;
const MOST_ITEMS = 100;
const LONGEST_TEXT = 8_192;
/** A shorter text would blank out half of every line. */
const SHORTEST_SECRET = 6;

/** Parts of a member's name that mark its value as secret, in lower case and without separators. */
const SECRET_NAMES = [
  'secret',
  'token',
  'password',
  'passwd',
  'privatekey',
  'apikey',
  'authorization',
  'assertion',
  'credential',
  'cookie',
  'signature',
];
/** Members that name a person. */
const PERSONAL_NAMES = new Set([
  'displayname',
  'email',
  'emails',
  'emailaddress',
  'familyname',
  'firstname',
  'formatted',
  'givenname',
  'lastname',
  'mail',
  'middlename',
  'nickname',
  'personname',
  'phone',
  'phonenumber',
  'phonenumbers',
  'username',
]);

const EMAIL = /[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+/g;
/**
 * Secrets that can be told by their form: a login in a URL, a bearer or basic header, a JSON web token, a PEM
 * key. Lengths are bounded where a long text could otherwise cost quadratic time.
 */
const SECRET_FORMS: readonly (readonly [RegExp, string])[] = [
  [/(\b[a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/@]{1,512}@/gi, `$1${MASK}@`],
  [/\b(bearer|basic|oauth)\s+[^\s"',;]{8,}/gi, `$1 ${MASK}`],
  [/\beyJ[\w-]{10,}(?:\.[\w-]*){0,2}/g, MASK],
  [
    /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|$)/g,
    MASK,
  ],
];
const FORMS = [...SECRET_FORMS, [EMAIL, MASK] as const];

/** Takes secrets and personal data out of what leaves the process as text. */
export interface Redactor {
  /** From now on this value is masked wherever it stands. Values under 6 characters are not. */
  readonly register: (secret: string) => void;
  readonly text: (text: string) => string;
  /**
   * Secrets alone, for what people of the company read: addresses of persons and the length stay. Of a secret that was
   * cut short its beginning is masked too.
   */
  readonly secretsIn: (text: string) => string;
  /** A copy for logging: members that are secret or personal by their name are masked, all text is redacted. */
  readonly value: (value: unknown) => unknown;
}

export function createRedactor(secrets: Iterable<string> = []): Redactor {
  const known = new Set<string>();
  const index = createSecretIndex();
  const register = (secret: string) => {
    if (secret.trim().length < SHORTEST_SECRET || known.has(secret)) return;
    known.add(secret);
    for (const spelling of spellingsOf(secret)) index.add(spelling);
  };
  for (const secret of secrets) register(secret);

  const text = (raw: string): string => {
    let clean = index.mask(raw, MASK);
    // Cut between words, so that no half of a secret is left that its form would not betray.
    if (clean.length > LONGEST_TEXT) clean = `${clean.slice(0, LONGEST_TEXT).replace(/\S*$/, '')}…`;
    return maskForms(clean, FORMS);
  };
  const secretsIn = (raw: string): string =>
    index.mask(maskForms(index.mask(raw, MASK), SECRET_FORMS), MASK, { beginnings: true });
  return { register, text, secretsIn, value: (value) => redact(value, text, DEEPEST) };
}

function maskForms(text: string, forms: typeof SECRET_FORMS): string {
  return forms.reduce((clean, [form, mask]) => clean.replace(form, mask), text);
}

function redact(value: unknown, text: (raw: string) => string, depth: number): unknown {
  if (typeof value === 'string') return text(value);
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'function' || typeof value === 'symbol') return undefined;
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (depth === 0) return '…';
  const below = (child: unknown) => redact(child, text, depth - 1);
  if (value instanceof Error) return below(plainError(value));
  if (value instanceof Uint8Array) return `${value.byteLength} bytes`;
  if (value instanceof Map || value instanceof Set) return below([...value]);
  if (Array.isArray(value)) return value.slice(0, MOST_ITEMS).map(below);
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, MOST_ITEMS)
      .map(([name, child]) => [name, isHidden(name, child) ? MASK : below(child)]),
  );
}

/** No more of an error than these: vendors' libraries hang requests with their headers on theirs. */
function plainError(error: Error): object {
  const { name, message, cause } = error;
  const code = 'code' in error ? error.code : undefined;
  return {
    name,
    message,
    ...(typeof code === 'string' && { code }),
    ...(cause instanceof Error && { cause }),
  };
}

function isHidden(name: string, child: unknown): boolean {
  if (child === null || child === undefined) return false;
  const plain = name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  return PERSONAL_NAMES.has(plain) || SECRET_NAMES.some((part) => plain.includes(part));
}
