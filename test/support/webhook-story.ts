import { expect } from '@jest/globals';
import pg from 'pg';
import { sendWebhooks } from '../../src/app/flows/send-webhooks.ts';
import { tell } from '../../src/app/tell.ts';
import type { TenantTx } from '../../src/db/store.ts';
import { testApi, type Answer, type TestApi } from './api.ts';
import { startReceiver, type WebhookReceiver } from './webhook-receiver.ts';

/** The API, a receiver, and a clock of the database that can be moved. */
export interface WebhookStory {
  readonly api: TestApi;
  readonly receiver: WebhookReceiver;
  /** Calls below `/api/v1/webhook-endpoints`, as an administrator unless another key is given. */
  readonly call: (method: string, path: string, body?: unknown, key?: string) => Promise<Answer>;
  /** Adds an endpoint at the receiver. */
  readonly add: (
    path?: string,
    options?: object,
  ) => Promise<{ readonly id: string; readonly secret: string }>;
  /** Tells that a run of this number ended. */
  readonly happened: (at?: number) => Promise<void>;
  /** One turn of the job. */
  readonly send: (timeoutMs?: number, most?: number) => Promise<void>;
  /** What is on its way to an endpoint, newest event first. */
  readonly states: (id: string) => Promise<readonly string[]>;
  readonly inTx: <T>(fn: (tx: TenantTx) => Promise<T>) => Promise<T>;
  /** Sets the clock of the database so many seconds from the true one. */
  readonly moveClock: (seconds: number) => Promise<void>;
  /** As if nothing had been added, told or moved. */
  readonly reset: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

export const HOUR = 3_600;
export const DAY = 24 * HOUR;

export async function startWebhookStory(): Promise<WebhookStory> {
  const api = await testApi();
  const admin = (await api.person('acme', ['admin'])).key;
  const receiver = await startReceiver();
  const superuser = new pg.Client({ connectionString: api.database.adminUrl });
  await superuser.connect();
  const inTx: WebhookStory['inTx'] = (fn) => api.deps.store.withTenant('acme', fn);
  const call: WebhookStory['call'] = (method, path, body, key = admin) =>
    api.call(method, `/api/v1/webhook-endpoints${path}`, { key, ...(body === undefined ? {} : { body }) }); // prettier-ignore
  let ahead = 0;
  const moveClock = async (seconds: number): Promise<void> => {
    if (seconds === ahead) return;
    ahead = seconds;
    await superuser.query(`create or replace function app.clock() returns timestamptz language sql volatile parallel safe
      as $$ select date_trunc('milliseconds', clock_timestamp()) + interval '${seconds} seconds' $$`);
  };
  const context = { tenantId: 'acme', signal: new AbortController().signal, hold: async () => undefined }; // prettier-ignore
  return {
    api,
    receiver,
    call,
    inTx,
    moveClock,
    add: async (path = '/', options = {}) => {
      const answer = await call('POST', '', { url: `${receiver.url}${path}`, allowPrivateNetwork: true, ...options }); // prettier-ignore
      expect(answer.status).toBe(201);
      return answer.body;
    },
    happened: (at = 1) =>
      inTx((tx) => tell(tx, { type: 'run.completed', subject: `run:run_${at}`, data: { runId: `run_${at}`, connection: 'crm', status: 'succeeded' } })), // prettier-ignore
    send: (timeoutMs = 1_000, most = 8) => sendWebhooks(api.deps, context, { timeoutMs, most }),
    states: async (id) => {
      const list = await call('GET', `/${id}/deliveries?limit=500`);
      return list.body.data.map(({ state }: { state: string }) => state);
    },
    reset: async () => {
      receiver.calls.length = 0;
      receiver.answer(() => 204);
      for (const table of ['webhook_delivery', 'webhook_endpoint', 'hub_event'])
        await inTx((tx) => tx.run(`delete from ${table}`));
      await moveClock(0);
    },
    stop: async () => {
      await receiver.close();
      await superuser.end();
      await api.close();
    },
  };
}
