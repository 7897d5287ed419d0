import { timingSafeEqual } from 'node:crypto';
import { ValidationError } from '../../kernel/errors.ts';
import { signedHeaders } from '../../security/sign-webhook.ts';

/** A receiver shall refuse what is older, or stamped later, than this. */
const TOLERANCE_S = 300;
const SECRET = /^whsec_[A-Za-z0-9+/]{32,86}={0,2}$/;

/** What a captured call is. */
export interface CapturedWebhook {
  readonly id: string;
  readonly sentAt: Date;
  /** True if this secret signed these bytes. */
  readonly signed: boolean;
  /** True if a receiver would take it now: signed, and stamped within the last five minutes. */
  readonly accepted: boolean;
}

/**
 * Checks a call that a receiver wrote to a file: an HTTP message (headers, an empty line, the body to the last byte).
 * Throws a ValidationError where a header of Standard Webhooks is missing, or the secret is none.
 */
export function verifyCapturedWebhook(message: Buffer, secret: string, now: Date): CapturedWebhook {
  if (!SECRET.test(secret)) throw new ValidationError('The secret is no signing secret: whsec_ and base64.'); // prettier-ignore
  const { headers, body } = partsOf(message);
  const [id, stamp, signature] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => headerOf(headers, name)); // prettier-ignore
  const timestamp = Number(stamp);
  if (!Number.isSafeInteger(timestamp)) throw new ValidationError('webhook-timestamp is not a number of seconds.'); // prettier-ignore
  const made = signedHeaders({ id: id ?? '', timestamp, body }, [secret])['webhook-signature'];
  const signed = (signature ?? '').split(' ').some((each) => isSame(each, made ?? ''));
  const ageS = Math.abs(now.getTime() / 1000 - timestamp);
  return {
    id: id ?? '',
    sentAt: new Date(timestamp * 1000),
    signed,
    accepted: signed && ageS <= TOLERANCE_S,
  };
}

function partsOf(message: Buffer): { readonly headers: string; readonly body: string } {
  const text = message.toString('utf8');
  const end = /\r?\n\r?\n/.exec(text);
  if (end === null)
    throw new ValidationError('The file is no HTTP message: headers, an empty line, and the body.');
  return { headers: text.slice(0, end.index), body: text.slice(end.index + end[0].length) };
}

function headerOf(headers: string, name: string): string {
  const found = new RegExp(`^${name}:[ \\t]*(.*?)[ \\t]*$`, 'im').exec(headers)?.[1];
  if (found !== undefined) return found;
  throw new ValidationError(`The message has no header ${name}.`);
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
