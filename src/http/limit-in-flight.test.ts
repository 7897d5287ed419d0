import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { testApi, type Answer, type TestApi } from '../../test/support/api.ts';

const TOKEN = `path_${'a'.repeat(43)}`;

let api: TestApi;
let key: string;
beforeAll(async () => {
  api = await testApi();
  key = (await api.person('acme', ['admin', 'licence-manager'])).key;
  const config = {
    grant: 'client_credentials',
    clientId: 'id',
    instanceUrl: 'https://acme.my.salesforce.com',
    organizationId: '00DFx0000000001',
  };
  const secrets = { clientSecret: 'secret', webhookSecret: TOKEN };
  const body = { name: 'crm', connector: 'salesforce', config, secrets, check: false };
  const added = await api.call('POST', '/api/v1/connections', { key, body });
  if (added.status !== 201) throw new Error(added.text);
});
const open: Socket[] = [];
const leave = (): void => {
  for (const socket of open.splice(0)) socket.destroy();
};
afterEach(leave);
afterAll(() => api.close());

/** Begins so many requests whose bodies never come. */
async function begin(path: string, times: number): Promise<void> {
  const { port } = new URL(api.url);
  const head = `POST ${path} HTTP/1.1\r\nhost: here\r\nauthorization: Bearer ${key}\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{`;
  for (let at = 0; at < times; at += 1) {
    const socket = connect(Number(port), '127.0.0.1').on('error', () => undefined);
    open.push(socket);
    await once(socket, 'connect');
    socket.write(head);
  }
}

const ask = (path: string): Promise<Answer> =>
  api.call('POST', path, { key, body: '{}', headers: { 'content-type': 'application/json' } });

/** Not so where a sender was refused too often: these requests say nothing that anybody would take. */
const isFullAnswer = ({ status, text }: Answer): boolean =>
  status === 429 && text.includes('under way');

/** Asks until the answer is, or is no longer, that too much is under way. */
async function askUntil(path: string, isFull: boolean): Promise<Answer> {
  for (;;) {
    const answer = await ask(path);
    if (isFullAnswer(answer) === isFull) return answer;
    await delay(20);
  }
}

test.each([
  ['events', '/api/v1/events', 16],
  ['previews', '/api/v1/mappings/nobody:preview', 4],
  ['signed pushes', '/hooks/crm?tenant=acme', 200],
  ['pushes in the vendor’s own form', `/hooks/crm/${TOKEN}?tenant=acme`, 25],
])('of %s no more than the limit are under way, and one more is sent away unread', async (_, path, most) => {
  await begin(path, most - 1);
  await delay(100);
  const within = await ask(path);
  // The place of the one before may not be free yet: of these, one at least finds a place.
  await begin(path, 3);
  const beyond = await askUntil(path, true);
  const elsewhere = await api.call('GET', '/api/v1/connections', { key });
  leave();
  await askUntil(path, false);

  expect(isFullAnswer(within)).toBe(false);
  expect(beyond.body).toMatchObject({ code: 'too_many_requests' });
  expect(beyond.headers.get('retry-after')).toBe('1');
  expect(elsewhere.status).toBe(200);
}, 20_000); // prettier-ignore
