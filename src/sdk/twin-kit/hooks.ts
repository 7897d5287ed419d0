import { createHmac, randomUUID } from 'node:crypto';
import * as z from 'zod';

/** Where a twin pushes change hints, as an administrator would set up in the vendor. */
export const HookTarget = z.strictObject({
  url: z.url(),
  /** The shared secret, `whsec_` and base64. */
  secret: z.string().startsWith('whsec_'),
  /** Vendor objects whose changes are pushed. */
  objects: z.array(z.string()),
});
export type HookTarget = z.infer<typeof HookTarget>;

export interface Hooks {
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

export function createHooks(): Hooks {
  let target: HookTarget | null = null;
  let failure: string | null = null;

  const push = async (to: HookTarget, object: string, recordId: string): Promise<void> => {
    const id = `msg_${randomUUID()}`;
    const timestamp = Math.floor(Date.now() / 1000);
    const body = JSON.stringify({ type: 'record.changed', data: { object, id: recordId } });
    const response = await fetch(to.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': String(timestamp),
        'webhook-signature': signHook(to.secret, id, timestamp, body),
      },
      body,
    });
    failure = response.ok ? null : `${response.status} from ${to.url}`;
  };

  return {
    set: (next) => {
      target = next;
    },
    notify: (object, id) => {
      if (target === null || !target.objects.includes(object)) return;
      push(target, object, id).catch((error: unknown) => {
        failure = error instanceof Error ? error.message : String(error);
      });
    },
    lastFailure: () => failure,
  };
}
