import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { loopbackEgress } from '../../test/support/egress.ts';
import { heldSecrets } from '../../test/support/held-secrets.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { silentLogger } from '../../src/kernel/logger.ts';
import type { ConnectorSession } from '../../src/sdk/define-connector.ts';
import type { RunningTwin } from '../../src/sdk/define-twin.ts';
import { seatKeyText } from '../../src/sdk/seat-key.ts';
import connector from './index.ts';
import twin from './twin/index.ts';

const seat = (id: number, login: string) => ({ assignee: { id, login, type: 'User' }, organization: { login: 'acme' }, plan_type: 'business', created_at: '2025-09-01T08:00:00Z', last_activity_at: null, pending_cancellation_date: null }); // prettier-ignore

let running: RunningTwin;
let session: ConnectorSession;

async function start(who: Record<string, string> = { organization: 'acme' }): Promise<void> {
  running = await twin.start({
    world: {
      objects: { seats: [seat(1, 'ada'), seat(2, 'bob')], members: [{ id: 3, login: 'eve' }] },
      settings: { ...who, token: 'twin-token' },
    },
    planted: [],
    port: 0,
    startAt: '2026-03-02T08:00:00Z',
    seed: 1,
  });
  session = await connector.open({
    connection: 'copilot',
    config: connector.config.parse(running.credentials.config),
    ...heldSecrets({ token: 'twin-token' }),
    egress: loopbackEgress(),
    clock: systemClock('2026-03-02'),
    logger: silentLogger,
  });
}
beforeEach(() => start());
afterEach(async () => {
  await session.close();
  await running.stop();
});

const key = (user: number, login: string) => seatKeyText({ user: String(user), login });
const write = (vendorId: string, assigned: boolean) =>
  session.write('userSeats', [{ externalId: 'x', intentId: 'i', vendorId, fields: { assigned } }]);
const held = async (...ids: readonly string[]) =>
  (await session.readBack('userSeats', [], ids)).map(({ fields }) => fields['assigned']);
const control = (path: string, method: string, body: unknown) =>
  fetch(`${running.control}/${path}`, { method, body: JSON.stringify(body) });

test('a seat is taken, counts as taken though it is billed until the cycle ends, and is given back', async () => {
  const ada = key(1, 'ada');

  const [taken] = await write(ada, false);
  const after = await held(ada, key(2, 'bob'));
  const listed = await session.readByIds('seats', ['1']);
  const [given] = await write(ada, true);

  expect(taken).toMatchObject({ kind: 'applied', vendorId: ada, warnings: [expect.stringContaining('cycle')] }); // prettier-ignore
  expect(after).toEqual([false, true]);
  expect(listed.records[0]?.data['pending_cancellation_date']).toBe('2026-03-31');
  expect(given).toMatchObject({ kind: 'applied' });
  expect(await held(ada)).toEqual([true]);
});

test('a seat is given to a member without one, and refused to a stranger by the words of GitHub', async () => {
  const eve = key(3, 'eve');

  const before = await held(eve);
  const [given] = await write(eve, true);
  const [refused] = await write(key(9, 'mallory'), true);

  expect(before).toEqual([false]);
  expect(given).toMatchObject({ kind: 'applied' });
  expect(await held(eve)).toEqual([true]);
  expect(refused).toMatchObject({ kind: 'rejected', message: expect.stringContaining('not a member') }); // prettier-ignore
});

test('a user who changed the login since is found by number', async () => {
  await control('mutate', 'POST', { object: 'seats', operation: 'update', id: '2', fields: { assignee: { id: 2, login: 'robert', type: 'User' } } }); // prettier-ignore

  const [result] = await write(key(2, 'bob'), false);

  expect(result).toMatchObject({ kind: 'rejected' });
  expect(await held(key(2, 'bob'))).toEqual([true]);
});

test.each([
  [{ action: 'status', status: 403, headers: { 'retry-after': '30' } }, { kind: 'retry', code: 'rate_limited', retryAt: expect.any(String) }],
  [{ action: 'status', status: 403 }, { kind: 'rejected' }],
  [{ action: 'status', status: 500 }, { kind: 'unknown', mayArrive: false }],
  [{ action: 'apply_then_reset' }, { kind: 'unknown', mayArrive: true }],
])('F-13: %j is told as %j, and a seat that was taken all the same reads back as taken', async (fault, told) => {
  await control('faults', 'PUT', { rules: [{ ...fault, match: { method: 'DELETE' }, times: 1 }] });

  const [result] = await write(key(1, 'ada'), false);

  expect(result).toMatchObject(told);
  expect(await held(key(1, 'ada'))).toEqual([fault.action !== 'apply_then_reset']);
}); // prettier-ignore

test('an enterprise gives no seats itself', async () => {
  await session.close();
  await running.stop();
  await start({ enterprise: 'acme' });

  const [result] = await write(key(1, 'ada'), false);

  expect(result).toMatchObject({ kind: 'rejected', message: expect.stringContaining('organisation') }); // prettier-ignore
});
