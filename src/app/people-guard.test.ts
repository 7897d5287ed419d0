import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { textOf } from '../../test/support/company-twins.ts';
import { startHarness, type Harness } from '../../test/support/flow-harness.ts';
import { listAudit } from '../audit/list-audit.ts';
import { proposeIntents } from '../delivery/intents.ts';
import type { PeopleHold } from '../intake/people-holds.ts';
import { NotFoundError, StaleError } from '../kernel/errors.ts';
import type { JsonObject } from '../kernel/hash.ts';
import { factsOf } from '../ledger/facts.ts';
import { decidePeopleHold } from './flows/decide-people-hold.ts';
import { listPeopleHolds } from './flows/list-people-holds.ts';
import { putPeopleLimits } from './flows/put-people-limits.ts';
import { showPeopleHold } from './flows/show-people-hold.ts';

// One directory's year: each test takes it up where the one before it left it.

let world: Harness;
let staff: readonly string[];

beforeAll(async () => {
  world = await startHarness();
  await world.pull('people');
  const held = await active();
  const users = await world.twins.scim.records('Users');
  const seated = users.filter((user) => Array.isArray(user['entitlements']));
  staff = seated.map((user) => textOf(user, 'id')).filter((id) => held.has(id));
}, 120_000);
afterAll(() => world?.stop());

const active = async (): Promise<ReadonlySet<string>> => {
  const accounts = await world.inTx((tx) => factsOf(tx, 'userAccount', { connection: 'people' }));
  return new Set(accounts.filter(({ body }) => body.active).map(({ externalRef }) => externalRef));
};
const seatsOf = async (id: string): Promise<number> =>
  (await world.inTx((tx) => factsOf(tx, 'seatAssignment', { where: { userAccountRef: id } })))
    .length;
const change = (id: string, fields: JsonObject) =>
  world.twins.scim.mutate({ object: 'Users', operation: 'update', id, fields });
const remove = (id: string) =>
  world.twins.scim.mutate({ object: 'Users', operation: 'delete', id });
const holds = () => listPeopleHolds(world.deps, world.caller, { limit: 50 });
const openHold = async (): Promise<PeopleHold> => {
  const open = (await holds()).filter(({ status }) => status === 'open');
  expect(open).toHaveLength(1);
  return open[0] as PeopleHold;
};
const decide = async (id: string, decision: 'confirmed' | 'rejected'): Promise<void> => {
  await decidePeopleHold(world.deps, world.caller, { id, decision });
  await world.drain();
};
/** The nth group of staff that no other test touches. */
const some = (from: number, count: number): readonly string[] => {
  const group = staff.slice(from, from + count);
  expect(group).toHaveLength(count);
  return group;
};

describe('people who leave one by one', () => {
  test('leave with the pull that brings them, and their seats become free', async () => {
    const [gone = '', deleted = '', stays = ''] = some(0, 3);
    const before = [await seatsOf(gone), await seatsOf(deleted)];
    await change(gone, { active: false });
    await remove(deleted);
    await change(stays, { userName: 'new.name@meridian.example', emails: [] });

    const run = await world.pull('people');
    const now = await active();

    expect(run.status).toBe('succeeded');
    expect(run.streams.map((each) => each.unmappedPages)).toEqual([0, 0]);
    expect(before.every((seats) => seats > 0)).toBe(true);
    expect([await seatsOf(gone), await seatsOf(deleted)]).toEqual([0, 0]);
    expect([now.has(gone), now.has(deleted)]).toEqual([false, false]);
    // A changed address or user name is the same login with the same seats.
    expect([now.has(stays), (await seatsOf(stays)) > 0]).toEqual([true, true]);
    expect(await holds()).toEqual([]);
  });

  test('F-73: hired again on the same day, the login has its seats back; made anew, it is another login', async () => {
    const [again = '', anew = ''] = some(3, 2);
    const users = await world.twins.scim.records('Users');
    const { id: _id, meta: _meta, ...fields } = users.find((user) => user['id'] === anew) ?? {};
    const seats = await seatsOf(again);
    await change(again, { active: false });
    await remove(anew);
    await world.pull('people');
    const between = await active();

    await change(again, { active: true });
    const second = await world.twins.scim.mutate({ object: 'Users', operation: 'create', fields });
    await world.pull('people');
    const now = await active();

    expect([between.has(again), between.has(anew)]).toEqual([false, false]);
    expect([now.has(again), await seatsOf(again)]).toEqual([true, seats]);
    expect([now.has(anew), now.has(second), second === anew]).toEqual([false, true, false]);
    expect([await seatsOf(anew), (await seatsOf(second)) > 0]).toEqual([0, true]);
  });

  test('F-73: who left and came back between two pulls was never gone', async () => {
    const [id = ''] = some(5, 1);
    await change(id, { active: false });
    await change(id, { active: true });

    await world.pull('people');

    expect((await active()).has(id)).toBe(true);
    expect(await seatsOf(id)).toBeGreaterThan(0);
  });
});

describe('a mass deactivation', () => {
  const SIZE = 40;

  test('F-76: above the cap nobody loses an account or a seat; everything else goes on', async () => {
    const many = some(10, SIZE);
    const [renamed = ''] = some(6, 1);
    const before = await active();
    for (const id of many.slice(1)) await change(id, { active: false });
    await remove(many[0] ?? '');
    await change(renamed, { displayName: 'Renamed Meanwhile' });

    const run = await world.pull('people');
    const now = await active();
    const hold = await openHold();

    expect(run.status).toBe('succeeded');
    expect(many.every((id) => now.has(id))).toBe(true);
    expect(now.size).toBe(before.size);
    expect(await seatsOf(many[0] ?? '')).toBeGreaterThan(0);
    expect(await seatsOf(many[1] ?? '')).toBeGreaterThan(0);
    expect(hold).toMatchObject({ connection: 'people', removals: SIZE, cap: 23 });
    const landed = await world.inTx((tx) =>
      tx.sql<{ gone: number }>(
        `select count(*)::int as gone from source_record r
         where r.record_id = any($1) and (r.deleted or (r.data -> 'active') = 'false'::jsonb)`,
        [[...many]],
      ),
    );
    expect(landed).toEqual([{ gone: SIZE }]);
    const names = await world.inTx((tx) => factsOf(tx, 'userAccount', { refs: [renamed] }));
    expect(names[0]?.body.displayName).toBe('Renamed Meanwhile');
  });

  test('F-76: reading the same again, or touching those that are held, makes no second hold', async () => {
    const many = some(10, SIZE);
    await change(many[3] ?? '', { title: 'Former' });

    await world.pull('people');
    await world.pull('people', { full: true });

    expect(await holds()).toHaveLength(1);
    expect(await openHold()).toMatchObject({ removals: SIZE });
    expect((await active()).has(many[3] ?? '')).toBe(true);
  });

  test('names the logins, and which of them are gone at the source', async () => {
    const { id } = await openHold();

    const view = await showPeopleHold(world.deps, world.caller, id);

    expect(view.records).toHaveLength(SIZE);
    expect(view.records.filter(({ kind }) => kind === 'deleted')).toHaveLength(1);
    expect(
      view.records.every(({ userName, status }) => userName !== null && status === 'held'),
    ).toBe(true);
  });

  test('whoever leaves while it is open joins it, and whoever comes back leaves it', async () => {
    const many = some(10, SIZE);
    const [late = ''] = some(60, 1);
    await change(late, { active: false });
    await change(many[1] ?? '', { active: true, displayName: 'Is Back' });

    await world.pull('people');
    const now = await active();

    expect(await openHold()).toMatchObject({ removals: SIZE });
    expect([now.has(late), now.has(many[1] ?? '')]).toEqual([true, true]);
  });

  test('rejected, the accounts stay although the source sends them again', async () => {
    const many = some(10, SIZE);
    const { id } = await openHold();

    await decide(id, 'rejected');
    await change(many[5] ?? '', { title: 'Still former' });
    await world.pull('people');
    const now = await active();

    expect(many.every((each) => now.has(each))).toBe(true);
    expect((await holds()).map(({ status }) => status)).toEqual(['rejected']);
    await expect(decide(id, 'rejected')).rejects.toThrow(StaleError);
  });

  test('confirmed after all, every account in it ends and every seat becomes free', async () => {
    const many = some(10, SIZE).filter((_, at) => at !== 1);
    const [hold] = await holds();

    await decide(hold?.id ?? '', 'confirmed');
    const now = await active();

    expect(many.filter((id) => now.has(id))).toEqual([]);
    expect(await seatsOf(many[0] ?? '')).toBe(0);
    expect(await seatsOf(many[7] ?? '')).toBe(0);
    expect(now.has(staff[11] ?? '')).toBe(true);
    await expect(decide(hold?.id ?? '', 'rejected')).rejects.toThrow(StaleError);
    await expect(decide('hld_none', 'confirmed')).rejects.toThrow(NotFoundError);
  });

  test('that the source takes back as a whole is withdrawn, and leaves room for the next leaver', async () => {
    const many = some(70, SIZE);
    for (const id of many) await change(id, { active: false });
    await world.pull('people');
    const { id } = await openHold();
    for (const each of many) await change(each, { active: true });
    await world.pull('people');
    const [leaver = ''] = some(62, 1);
    await change(leaver, { active: false });
    await world.pull('people');

    const view = await showPeopleHold(world.deps, world.caller, id);
    const now = await active();

    expect(view).toMatchObject({ status: 'withdrawn', removals: 0 });
    expect([many.every((each) => now.has(each)), now.has(leaver)]).toEqual([true, false]);
  });

  test('spread over several pulls of a day is a mass deactivation too', async () => {
    await putPeopleLimits(world.deps, world.caller, { people: 9, percent: 0, hours: 24 });
    const [first, second] = [some(64, 4), some(110, 4)];
    for (const id of first) await change(id, { active: false });
    await world.pull('people');
    const afterFirst = await active();
    for (const id of second) await change(id, { active: false });
    await world.pull('people');
    const now = await active();

    // Five have left one by one in the tests above; the cap of nine lets four more go, and not eight.
    expect(first.filter((id) => afterFirst.has(id))).toEqual([]);
    expect(second.every((id) => now.has(id))).toBe(true);
    expect((await openHold()).cap).toBe(9);
  });

  test('F-76: that comes with names which no login can have frees no seat either', async () => {
    const many = some(130, 12);
    const before = await Promise.all(many.map(seatsOf));
    for (const [at, id] of many.entries())
      await change(id, { active: false, userName: ' '.repeat(at + 1) });

    await world.pull('people');
    const seats = await Promise.all(many.map(seatsOf));
    const now = await active();

    expect(Math.min(...before)).toBeGreaterThan(0);
    expect(seats).toEqual(before);
    expect(many.every((id) => now.has(id))).toBe(true);
  });

  test('every opening and every decision is in the audit', async () => {
    const events = await world.inTx((tx) => listAudit(tx, { limit: 500 }));

    const told = events
      .filter(({ action }) => action.startsWith('people'))
      .map(({ action }) => action);
    expect(told.toReversed()).toEqual([
      'people_hold.opened',
      'people_hold.rejected',
      'people_hold.confirmed',
      'people_hold.opened',
      'people_hold.withdrawn',
      'people_limits.changed',
      'people_hold.opened',
    ]);
  });

  test('logins that a plan of ours switched off are held by nobody: somebody approved that already', async () => {
    await putPeopleLimits(world.deps, world.caller, { people: 0, percent: 0, hours: 1 });
    const ours = some(143, 3);
    const before = (await holds()).length;
    const effects = ours.map((user) => ({ connection: 'people', object: 'UserLogins', canonicalId: `login:${user}`, vendorId: null, fields: { id: { user }, active: false } })); // prettier-ignore
    await world.inTx((tx) => proposeIntents(tx, effects));
    await world.force(
      `update intent set state = 'APPLIED', read_back = true where object = 'UserLogins'`,
    );
    for (const id of ours) await change(id, { active: false });

    await world.pull('people');
    const now = await active();

    expect(ours.filter((id) => now.has(id))).toEqual([]);
    expect((await holds()).length).toBe(before);
  });
});
