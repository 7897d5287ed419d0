import * as z from 'zod';

/** An event of use that was taken in, as the store keeps it. */
export interface UsageEvent {
  readonly source: string;
  readonly id: string;
  readonly type: string;
  /** RFC 3339; empty when the sender gave none and the arrival counts. */
  readonly time: string;
  /** A pseudonym, or empty. */
  readonly subject: string;
  /** JSON text, or empty. */
  readonly data: string;
  /** JSON text of extension attributes, or empty. */
  readonly attributes: string;
}

/** Why one event of a batch is not taken. */
export interface RejectedEvent {
  /** Its place in the batch, from 0. */
  readonly index: number;
  readonly id: string | null;
  readonly code: string;
  readonly reason: string;
}

const MOST_CHARACTERS = 255;
/** CloudEvents 1.0 §3.1: no control characters, no lone surrogates, no noncharacters. */
// oxlint-disable-next-line eslint/no-control-regex -- control characters are what is refused
const REFUSED = /[\0-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]/;
const TIME =
  /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])[Tt]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)$/;
/** RFC 3986 leaves no room for these in a URI-reference. */
const NO_URI = /[\s"<>\\^`{|}]/;
const JSON_TYPE = /^application\/([\w.+-]+\+)?json\s*(;\s*charset="?utf-8"?\s*)?$/i;
const ATTRIBUTE_NAME = /^[a-z0-9]{1,20}$/;

const isText = (text: string): boolean => !REFUSED.test(text) && text.isWellFormed();
const Text = z
  .string()
  .min(1, 'is empty')
  .max(MOST_CHARACTERS, `has more than ${MOST_CHARACTERS} characters`)
  .refine(isText, 'holds a control character or half of a surrogate pair');
const Uri = Text.refine((text) => !NO_URI.test(text), 'is not a URI-reference');

/** True for an RFC 3339 instant of a day that there is: 30 February has none. */
export function isInstant(text: string): boolean {
  if (!TIME.test(text)) return false;
  const day = Number(text.slice(8, 10));
  if (day <= 28) return true;
  const last = new Date(Date.UTC(Number(text.slice(0, 4)), Number(text.slice(5, 7)), 0));
  return day <= last.getUTCDate();
}

/** The context attributes of CloudEvents 1.0 §3.1; everything else beside `data` is an extension. */
export const Envelope = z.object({
  specversion: z.literal('1.0', { error: 'is not 1.0, the version that is taken here' }),
  id: Text,
  source: Uri,
  type: Text,
  time: z
    .string()
    .refine(isInstant, 'is not an RFC 3339 instant such as 2026-03-02T08:15:00Z')
    .optional(),
  subject: Text.optional(),
  datacontenttype: z
    .string()
    .regex(JSON_TYPE, 'is not JSON: use is counted from JSON data alone')
    .optional(),
  dataschema: Uri.optional(),
});
export type Envelope = z.infer<typeof Envelope>;

const CONTEXT: ReadonlySet<string> = new Set([...Object.keys(Envelope.shape), 'data']);
const MOST_EXTENSIONS = 20;

/** What is wrong with the extension attributes of an event, or null; what is right with them is added to `extensions`. */
export function readExtensions(
  event: Readonly<Record<string, unknown>>,
  extensions: Map<string, string | number | boolean>,
): string | null {
  for (const name in event) {
    if (CONTEXT.has(name)) continue;
    if (name === 'data_base64')
      return 'data_base64 is not taken: use is counted from JSON data alone';
    if (!ATTRIBUTE_NAME.test(name))
      return `an attribute is named ${JSON.stringify(name.slice(0, 30))}, which is not 1 to 20 lower-case letters and digits`;
    const value = event[name];
    if (value === null) continue;
    const isTaken =
      typeof value === 'boolean' ||
      (typeof value === 'number' && Number.isInteger(value) && Math.abs(value) < 2 ** 31) ||
      (typeof value === 'string' && value.length <= MOST_CHARACTERS && isText(value));
    if (!isTaken)
      return `the attribute ${name} is neither a short text, a whole number of 32 bits nor true or false`;
    extensions.set(name, value);
    if (extensions.size > MOST_EXTENSIONS)
      return `it has more than ${MOST_EXTENSIONS} extension attributes`;
  }
  return null;
}
