import { afterEach, describe, expect, test } from '@jest/globals';
import { loopbackEgress } from '../../test/support/egress.ts';
import { heldSecrets } from '../../test/support/held-secrets.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import type { JsonObject } from '../../src/kernel/hash.ts';
import { silentLogger } from '../../src/kernel/logger.ts';
import type { ConnectorSession } from '../../src/sdk/define-connector.ts';
import type { RunningTwin } from '../../src/sdk/define-twin.ts';
import { seatKeyText } from '../../src/sdk/seat-key.ts';
import type { AsRead, WriteRequest } from '../../src/sdk/write.ts';
import connector from './index.ts';
import { scimFixtureWorld } from './twin/fixture-world.ts';
import twin from './twin/index.ts';

let running: RunningTwin;
let session: ConnectorSession;

/** A directory of 12 people; user-00003 holds DESIGN-PRO, and the first ten are in group-1. */
async function start(personality: string): Promise<void> {
  running = await twin.start({
    world: scimFixtureWorld(12, { personality }),
    planted: [],
    port: 0,
    startAt: '2026-03-02T08:00:00Z',
    seed: 1,
  });
  session = await connector.open({
    connection: 'people',
    config: connector.config.parse(running.credentials.config),
    ...heldSecrets({ token: running.credentials.secrets['token'] ?? '' }),
    egress: loopbackEgress(),
    clock: systemClock('2026-03-02'),
    logger: silentLogger,
  });
}
afterEach(async () => {
  await session.close();
  await running.stop();
});

const control = async (path: string, method: string, body?: unknown): Promise<unknown> => {
  const response = await fetch(`${running.control}/${path}`, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) }); // prettier-ignore
  return response.json();
};
const faults = (...rules: readonly unknown[]) => control('faults', 'PUT', { rules });
const applied = async (): Promise<number> => {
  return ((await control('oracle', 'GET')) as readonly unknown[]).length;
};
const change = (id: string, fields: JsonObject) =>
  control('mutate', 'POST', { object: 'Users', operation: 'update', id, fields });

const login = seatKeyText({ user: 'user-00003' });
const seat = seatKeyText({ user: 'user-00003', value: 'DESIGN-PRO' });
const member = seatKeyText({ group: 'group-1', user: 'user-00003' });

const ask = (vendorId: string, fields: JsonObject, asRead: AsRead | null = null): WriteRequest => ({ externalId: `x-${vendorId}`, intentId: 'i', vendorId, fields, asRead }); // prettier-ignore
const held = async (object: string, vendorId: string) => {
  const [record] = await session.readBack(object, [], [vendorId]);
  if (record === undefined) throw new Error(`${object} ${vendorId} was not read.`);
  return record;
};
/** As delivery asks: what was read right before is the condition. */
const send = async (object: string, vendorId: string, fields: JsonObject) => {
  const { version = null } = await held(object, vendorId);
  const [result] = await session.write(object, [ask(vendorId, fields, { vendorId, changedAt: null, version })]); // prettier-ignore
  return result;
};

describe.each(['strict', 'okta', 'entra'])('a directory with the habits of %s', (personality) => {
  test.each([
    ['UserLogins', login, { active: false }, { active: true }],
    ['UserEntitlements', seat, { assigned: false }, { assigned: true, type: 'license', display: 'Design Pro' }],
    ['UserRoles', seatKeyText({ user: 'user-00003', value: 'admin' }), { assigned: true }, { assigned: false }],
    ['GroupMembers', member, { assigned: false }, { assigned: true }],
  ])('%s is taken, read back as asked, and brought back to what it was', async (object, key, asked, before) => {
    await start(personality);

    const first = await held(object, key);
    const result = await send(object, key, asked);
    const after = await held(object, key);
    const back = await send(object, key, first.fields);

    expect(first.fields).toEqual(before);
    expect(result).toMatchObject({ kind: 'applied', vendorId: key });
    expect(after.fields).toMatchObject(asked);
    expect(after.version).not.toBe(first.version);
    expect(back).toMatchObject({ kind: 'applied' });
    expect((await held(object, key)).fields).toEqual(before);
  }); // prettier-ignore

  test('one member leaves a group and nobody else does', async () => {
    await start(personality);
    const others = ['user-00002', 'user-00004'].map((user) =>
      seatKeyText({ group: 'group-1', user }),
    );

    await send('GroupMembers', member, { assigned: false });

    const left = await session.readBack('GroupMembers', [], [member, ...others]);
    expect(left.map(({ fields }) => fields['assigned'])).toEqual([false, true, true]);
  });
});

describe('a write to what changed since it was read', () => {
  test('F-14: is refused by its entity tag, nothing is written, and the next try reads anew', async () => {
    await start('strict');
    const before = await held('UserLogins', login);
    const asRead = { vendorId: login, changedAt: null, version: before.version ?? null };
    await change('user-00003', { displayName: 'Somebody else was here' });

    const [late] = await session.write('UserLogins', [ask(login, { active: false }, asRead)]);

    expect(late).toMatchObject({ kind: 'retry', code: 'changed_since_read' });
    expect((await held('UserLogins', login)).fields).toEqual({ active: true });
    expect(await send('UserLogins', login, { active: false })).toMatchObject({ kind: 'applied' });
  });

  test('that nobody read before is made on the condition of what is there right then', async () => {
    await start('strict');

    const [result] = await session.write('GroupMembers', [ask(member, { assigned: false })]);

    expect(result).toMatchObject({ kind: 'applied' });
  });
});

describe('answers that are no yes', () => {
  test.each([
    [{ action: 'status', status: 429, headers: { 'retry-after': '7' } }, { kind: 'retry', code: 'rate_limited', retryAt: expect.any(String) }],
    [{ action: 'status', status: 409 }, { kind: 'retry', code: 'changed_since_read' }],
    [{ action: 'status', status: 403 }, { kind: 'rejected' }],
    [{ action: 'status', status: 401 }, { kind: 'retry', code: 'auth_expired' }],
    [{ action: 'status', status: 503 }, { kind: 'unknown', mayArrive: false }],
    [{ action: 'apply_then_reset' }, { kind: 'unknown', mayArrive: true }],
  ])('F-13: %j is told as %j', async (fault, told) => {
    await start('strict');
    await faults({ ...fault, match: { method: 'PATCH' }, times: 1 });

    expect(await send('UserLogins', login, { active: false })).toMatchObject(told);
  }); // prettier-ignore

  test('F-72: a person who is gone is refused by name, and reads back as holding nothing', async () => {
    await start('strict');
    const nobody = seatKeyText({ user: 'nobody', value: 'DESIGN-PRO' });

    expect(await send('UserEntitlements', nobody, { assigned: true })).toMatchObject({ kind: 'rejected' }); // prettier-ignore
    expect((await held('UserEntitlements', nobody)).fields).toEqual({ assigned: false });
  });

  test('a seat whose key lacks a part is refused, and reads back as nothing', async () => {
    await start('strict');

    const [result] = await session.write('UserEntitlements', [ask(login, { assigned: false })]);

    expect(result).toMatchObject({
      kind: 'rejected',
      message: expect.stringContaining('id.value'),
    });
    expect(await session.readBack('UserEntitlements', [], [login])).toEqual([]);
  });
});

describe('several requests at once', () => {
  test('of one person are one call, and one that is refused does not hold the others', async () => {
    await start('strict');
    const more = seatKeyText({ user: 'user-00003', value: 'SECOND' });
    await session.write('UserEntitlements', [ask(more, { assigned: true })]);
    const before = await applied();
    const both = [ask(seat, { assigned: false }), ask(more, { assigned: false })];

    const together = await session.write('UserEntitlements', both);
    const calls = (await applied()) - before;
    await faults({ action: 'status', status: 400, match: { method: 'PATCH' }, nth: 1 });
    const apart = await session.write('UserEntitlements', both.map((each) => ({ ...each, fields: { assigned: true } }))); // prettier-ignore

    expect(together.map(({ kind }) => kind)).toEqual(['applied', 'applied']);
    expect(calls).toBe(1);
    expect(apart.map(({ kind }) => kind)).toEqual(['applied', 'applied']);
    expect((await held('UserEntitlements', more)).fields).toEqual({ assigned: true });
  });

  test('what is left alone costs no call', async () => {
    await start('strict');
    const before = await applied();

    const [result] = await session.write('UserLogins', [ask(login, {})]);

    expect(result).toMatchObject({ kind: 'applied' });
    expect(await applied()).toBe(before);
  });

  test('F-17: once the directory asks to slow down, the rest of the batch is not begun', async () => {
    await start('strict');
    await faults({ action: 'status', status: 429, match: { method: 'PATCH' }, nth: 1 });
    const other = seatKeyText({ user: 'user-00004' });

    const results = await session.write('UserLogins', [ask(login, { active: false }), ask(other, { active: false })]); // prettier-ignore

    expect(results.map(({ kind }) => kind)).toEqual(['retry', 'retry']);
    expect((await held('UserLogins', other)).fields).toEqual({ active: true });
  });
});
