import { createHmac, randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';
import { messageOf, ValidationError } from '../../kernel/errors.ts';

const OWN_ATTEMPTS = 3;
const OWN_PAUSE_MS = 200;

/** Where a twin pushes change hints, as an administrator would set up in the vendor. */
export const HookTarget = z.strictObject({
  url: z.url(),
  /** The shared secret, `whsec_` and base64; without it the push has the vendor's own form, if it has one. */
  secret: z.string().startsWith('whsec_').optional(),
  /** Vendor objects whose changes are pushed. */
  objects: z.array(z.string()),
});
export type HookTarget = z.infer<typeof HookTarget>;

/** A push as the vendor itself sends it. */
export interface VendorPush {
  readonly contentType: string;
  readonly body: string;
  /** Whether this answer means that the push was kept; without one it is sent again. */
  isKept(answer: string): boolean;
}

export interface Hooks {
  /** Gives the vendor's own form of a push. */
  useForm(form: (object: string, id: string) => VendorPush): void;
  /** Throws ValidationError for a target without a secret where the vendor has no form of its own. */
  set(target: HookTarget | null): void;
  /** Tells the target that a record changed. Never fails the mutation; the last failure is kept for the control page. */
  notify(object: string, id: string): void;
  lastFailure(): string | null;
}

/** Signs `id.timestamp.body` as Standard Webhooks asks: `v1,<base64 HMAC-SHA256>`. */
export function signHook(secret: string, id: string, timestamp: number, body: string): string {
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
}

/** Sends a signed push once; what went wrong, or null. */
async function pushSigned(
  to: HookTarget,
  secret: string,
  object: string,
  recordId: string,
): Promise<string | null> {
  const id = `msg_${randomUUID()}`;
  const timestamp = Math.floor(Date.now() / 1000);
  const body = JSON.stringify({ type: 'record.changed', data: { object, id: recordId } });
  const response = await fetch(to.url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(timestamp),
      'webhook-signature': signHook(secret, id, timestamp, body),
    },
    body,
  });
  return response.ok ? null : `${response.status} from ${to.url}`;
}

/** Sends a push of the vendor's own form at least once: the same message again until it is acknowledged. */
async function pushOwn(to: HookTarget, message: VendorPush): Promise<string | null> {
  let failure: string | null = null;
  for (let attempt = 1; attempt <= OWN_ATTEMPTS; attempt += 1) {
    failure = await pushOwnOnce(to, message);
    if (failure === null) return null;
    await delay(OWN_PAUSE_MS * attempt, undefined, { ref: false });
  }
  return failure;
}

async function pushOwnOnce(to: HookTarget, message: VendorPush): Promise<string | null> {
  const headers = { 'content-type': message.contentType };
  try {
    const response = await fetch(to.url, { method: 'POST', headers, body: message.body });
    const isKept = response.ok && message.isKept(await response.text());
    return isKept ? null : `${response.status} from ${to.url}`;
  } catch (error) {
    return messageOf(error);
  }
}

export function createHooks(): Hooks {
  let target: HookTarget | null = null;
  let failure: string | null = null;
  let form: ((object: string, id: string) => VendorPush) | null = null;

  const send = async (to: HookTarget, object: string, id: string): Promise<string | null> => {
    if (to.secret !== undefined) return await pushSigned(to, to.secret, object, id);
    return form === null ? null : await pushOwn(to, form(object, id));
  };
  return {
    useForm: (next) => {
      form = next;
    },
    set: (next) => {
      if (next !== null && next.secret === undefined && form === null)
        throw new ValidationError('This vendor has no push of its own form. Give a secret.');
      target = next;
    },
    notify: (object, id) => {
      if (target === null || !target.objects.includes(object)) return;
      send(target, object, id).then(
        (outcome) => {
          failure = outcome;
        },
        (error: unknown) => {
          failure = messageOf(error);
        },
      );
    },
    lastFailure: () => failure,
  };
}
