import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { textOf } from '../../../test/support/company-twins.ts';
import { startHarness, type Harness } from '../../../test/support/flow-harness.ts';
import { listAudit } from '../../audit/list-audit.ts';
import { listIntents } from '../../delivery/intents.ts';
import { getPlan, type Plan } from '../../delivery/plans.ts';
import { listFindings, listPositions } from '../../licensing/runs.ts';
import type { JsonObject } from '../../kernel/hash.ts';
import { systemCaller, type Caller } from '../../security/caller.ts';
import type { SeatPlanBody } from '../seat-plan.ts';
import { approvePlan } from './approve-plan.ts';
import { changeConnection } from './change-connection.ts';
import { listSeats } from './list-seats.ts';
import { putSeatLimits } from './put-seat-limits.ts';
import { requestApply } from './request-apply.ts';
import { requestSeatAction } from './request-seat-action.ts';
import { showPlan } from './show-plan.ts';
import { startReconciliation } from './start-reconciliation.ts';

// One directory of people with seats in bought software. Each test takes up what the one before it left.

let world: Harness;
const PATCH = { method: 'PATCH', path: 'Users' };
const NO_CAP = { seats: 1_000, percent: 0, hours: 24 };

beforeAll(async () => {
  world = await startHarness();
  await look();
  await changeConnection(world.deps, world.caller, { id: 'people', mode: 'read-write' });
}, 90_000);
afterAll(() => world?.stop());

/** Reads what the systems hold now, and squares it. */
async function look(): Promise<void> {
  for (const each of ['people', 'files']) await world.pull(each);
  await startReconciliation(world.deps, world.caller);
  await world.drain();
}
const act = (input: Parameters<typeof requestSeatAction>[2]) =>
  requestSeatAction(world.deps, world.caller, input);
const done = async (input: Parameters<typeof requestSeatAction>[2]) => {
  const { id } = await act({ ...input, apply: true });
  await world.drain();
  return planOf(id);
};
const planOf = (id: string) => world.inTx((tx) => getPlan<SeatPlanBody>(tx, id));
const intentsOf = (plan: Plan<SeatPlanBody>) =>
  world.inTx((tx) => listIntents(tx, { planId: plan.id, limit: 100 }));
const seats = (filter: { person?: string; product?: string } = {}) =>
  listSeats(world.deps, world.caller, { connection: 'people', ...filter });
const userOf = async (id: string): Promise<JsonObject> => {
  const found = (await world.twins.scim.records('Users')).find((each) => each['id'] === id);
  if (found === undefined) throw new Error(`There is no user ${id}.`);
  return found;
};
const holds = async (user: string, sku: string): Promise<boolean> => {
  const { entitlements } = await userOf(user);
  return (
    Array.isArray(entitlements) &&
    entitlements.some((each) => (each as JsonObject)['value'] === sku)
  );
};
const inUse = async (sku: string): Promise<number> => {
  const lines = await world.inTx((tx) => listPositions(tx));
  const own = lines.filter(({ line }) => line.ownerRef === 'own' && line.skuCode === sku);
  return own.reduce((sum, { line }) => sum + Number(line.rightsInUse), 0);
};
const effects = async (): Promise<number> =>
  (await world.twins.scim.oracle()).filter(({ object }) => object === 'Users').length;

describe('a seat whose holder has left', () => {
  let user: string;
  let sku: string;
  let plan: Plan<SeatPlanBody>;

  test('is reclaimed: finding, plan, approval, PATCH, read back, and free in the position', async () => {
    const [finding] = await world.inTx((tx) => listFindings(tx, { kind: 'orphaned_seat' }));
    if (finding === undefined) throw new Error('Nobody left a seat behind.');
    user = finding.subject.id;
    sku = finding.sku ?? '';
    const before = await inUse(sku);

    plan = await act({ action: 'reclaim', findings: [finding.id], reason: 'left the company' });
    const untouched = await effects();
    await approvePlan(world.deps, world.caller, { id: plan.id, hash: plan.hash });
    await requestApply(world.deps, world.caller, plan.id);
    await world.drain();
    const [intent] = await intentsOf(plan);
    await look();

    expect(plan).toMatchObject({ kind: 'seats', status: 'waiting', body: { seats: { freed: 1, reason: 'left the company' } } });
    expect(untouched).toBe(0);
    expect(await planOf(plan.id)).toMatchObject({ status: 'applied' });
    expect(intent).toMatchObject({ object: 'UserEntitlements', state: 'APPLIED', readBack: true, payload: { assigned: false } });
    expect(await effects()).toBe(1);
    expect(await holds(user, sku)).toBe(false);
    expect(await inUse(sku)).toBe(before - 1);
    const left = await world.inTx((tx) => listFindings(tx, { kind: 'orphaned_seat' }));
    expect(left.map(({ id }) => id)).not.toContain(finding.id);
  }); // prettier-ignore

  test('comes back as it was, with what came with it, when the plan is released', async () => {
    const free = await inUse(sku);

    const back = await done({ action: 'release', plan: plan.id });
    await look();

    expect(back).toMatchObject({ status: 'applied', approvedBy: 'policy' });
    const { entitlements } = await userOf(user);
    expect(entitlements).toContainEqual(expect.objectContaining({ value: sku, type: 'license' }));
    expect(await inUse(sku)).toBe(free + 1);
  });

  test('is reclaimed anew by a plan of its own, and released by naming the person', async () => {
    const again = await done({ action: 'reclaim', person: user, product: sku });
    const gone = await holds(user, sku);
    const back = await done({ action: 'release', person: user, product: sku });

    expect([again.status, back.status]).toEqual(['applied', 'applied']);
    expect(again.id).not.toBe(plan.id);
    expect(gone).toBe(false);
    expect(back.body.seats.request.planId).toBe(again.id);
    expect(await holds(user, sku)).toBe(true);
  });

  test('that somebody at the vendor gave back first is left alone, and said so', async () => {
    const taken = await done({ action: 'reclaim', person: user, product: sku });
    await world.twins.scim.mutate({ object: 'Users', operation: 'update', id: user, fields: { entitlements: [{ value: sku, type: 'license', display: 'by hand' }] } }); // prettier-ignore

    const back = await done({ action: 'release', plan: taken.id });
    const [intent] = await intentsOf(back);

    expect(back.status).toBe('applied');
    expect(intent?.decided).toEqual(expect.arrayContaining([expect.objectContaining({ field: 'assigned', did: 'kept' })])); // prettier-ignore
    const { entitlements } = await userOf(user);
    expect(entitlements).toEqual([expect.objectContaining({ display: 'by hand' })]);
  });
});

describe('F-76: more seats than the company allows', () => {
  test('wait for a person with the list in hand, and nothing is sent before', async () => {
    await look();
    await putSeatLimits(world.deps, world.caller, { seats: 0, percent: 0, hours: 24 });
    const [seat] = await seats();
    const product = seat?.product ?? '';
    const before = await effects();

    const plan = await done({ action: 'reclaim', product });
    const after = await effects();

    const all = await seats({ product });
    expect(plan.status).toBe('waiting');
    expect(plan.body.seats.lines).toHaveLength(all.length);
    expect(plan.body.notes[0]).toContain(`${all.length} seats`);
    expect(after).toBe(before);
    const approve = (caller: Caller) => approvePlan(world.deps, caller, { id: plan.id, hash: plan.hash }); // prettier-ignore
    await expect(approve(world.caller)).rejects.toMatchObject({ status: 403, message: expect.stringContaining('somebody else') }); // prettier-ignore
    expect((await approve(systemCaller(world.caller.tenantId, 'ben'))).status).toBe('approved');
    await world.force(`update plan set status = 'waiting', approved_at = null where id = $1`, [plan.id]); // prettier-ignore
  });

  test('many small runs are a large one: what was approved in the last hours counts', async () => {
    const some = (await seats()).slice(0, 2);
    const recent = (await act({ action: 'reclaim', product: some[0]?.product })).body.seats.allowed.recent; // prettier-ignore
    await putSeatLimits(world.deps, world.caller, { ...NO_CAP, seats: recent + 1 });

    const first = await done({ action: 'reclaim', person: some[0]?.userRef, product: some[0]?.product }); // prettier-ignore
    const second = await done({ action: 'reclaim', person: some[1]?.userRef, product: some[1]?.product }); // prettier-ignore

    expect(recent).toBeGreaterThan(0);
    expect([first.status, second.status]).toEqual(['applied', 'waiting']);
    await putSeatLimits(world.deps, world.caller, NO_CAP);
  });
});

describe('a login that is held', () => {
  test('is switched off with all that it has, and on again when released', async () => {
    await look();
    const [seat] = await seats();
    const user = seat?.userRef ?? '';

    const hold = await done({ action: 'hold', person: user });
    const during = await userOf(user);
    const back = await done({ action: 'release', plan: hold.id });

    expect([hold.status, back.status]).toEqual(['applied', 'applied']);
    expect(hold.body.effects).toHaveLength(1);
    expect(during).toMatchObject({ active: false });
    expect(during['entitlements']).toBeDefined();
    expect(await userOf(user)).toMatchObject({ active: true });
  });
});

describe('a seat that goes to somebody else', () => {
  test('is given only once the other is seen to be free, whatever happens between', async () => {
    await look();
    const [seat] = await seats();
    const from = seat?.userRef ?? '';
    const product = seat?.product ?? '';
    const owners = new Set((await seats({ product })).map(({ userRef }) => userRef));
    const users = await world.twins.scim.records('Users');
    const free = users.find(({ id, active }) => active === true && typeof id === 'string' && !owners.has(id)); // prettier-ignore
    const to = textOf(free, 'id');
    await world.twins.scim.faults({ action: 'status', status: 503, match: { method: 'PATCH', path: from }, times: 1 }); // prettier-ignore

    const plan = await done({ action: 'reassign', person: from, product, to });
    const waiting = await holds(to, product);
    for (let turn = 0; turn < 3; turn += 1) await world.drain({ skipWaits: true, endLeases: true });
    const given = await holds(to, product);
    const states = (await intentsOf(plan)).map(({ state }) => state);
    const back = await done({ action: 'release', person: from, product });
    await world.drain({ skipWaits: true });

    expect(plan.status).toBe('applying');
    expect([waiting, given]).toEqual([false, true]);
    expect(states).toEqual(['APPLIED', 'APPLIED']);
    expect((await planOf(back.id)).status).toBe('applied');
    expect([await holds(from, product), await holds(to, product)]).toEqual([true, false]);
  });
});

describe('a seat that is taken back while it is on its way to somebody else', () => {
  const pair = async () => {
    await look();
    const [seat] = await seats();
    const [from, product] = [seat?.userRef ?? '', seat?.product ?? ''];
    const owners = new Set((await seats({ product })).map(({ userRef }) => userRef));
    const free = (await world.twins.scim.records('Users')).find(({ id, active }) => active === true && typeof id === 'string' && !owners.has(id)); // prettier-ignore
    return { from, product, to: textOf(free, 'id') };
  };
  /** Taken from the one; the other does not get it yet. */
  const half = async ({ from, product, to }: Awaited<ReturnType<typeof pair>>) => {
    await world.twins.scim.faults({ action: 'status', status: 503, match: { method: 'PATCH', path: to } }); // prettier-ignore
    const plan = await done({ action: 'reassign', person: from, product, to });
    await world.drain({ skipWaits: true });
    return plan;
  };

  test('F-76: only one of the two has it: what was not given yet is dropped with it', async () => {
    const { from, product, to } = await pair();
    const plan = await half({ from, product, to });
    const states = (await intentsOf(plan)).map(({ state }) => state).toSorted();

    const stranger = {
      ...world.caller,
      actor: 'person:other',
      permissions: new Set(['seats:write'] as const),
    };
    const held = await requestSeatAction(world.deps, stranger, {
      action: 'release',
      plan: plan.id,
      apply: true,
    });
    const back = await done({ action: 'release', plan: plan.id });
    await world.twins.scim.faults();
    for (let turn = 0; turn < 3; turn += 1) await world.drain({ skipWaits: true, endLeases: true });

    expect(states).toEqual(['APPLIED', 'PLANNED']);
    // Who may not approve plans drops nothing of somebody else's alone.
    expect([held.status, held.body.notes[0]]).toEqual([
      'waiting',
      expect.stringContaining('may approve plans'),
    ]);
    expect(back.body.seats).toMatchObject({ dropped: [expect.any(String)], leftOut: [expect.objectContaining({ reason: expect.stringContaining('drops it') })] }); // prettier-ignore
    expect([await holds(from, product), await holds(to, product)]).toEqual([true, false]);
    expect((await planOf(back.id)).status).toBe('applied');
    const view = await showPlan(world.deps, world.caller, plan.id);
    expect(view).toMatchObject({ status: 'incomplete', progress: { of: 2, done: 1, waiting: [], overtaken: [{ why: 'It was taken back before it was done.' }] } }); // prettier-ignore
  });

  test('F-13: it stays where it is while nobody knows whether the other has it', async () => {
    const { from, product, to } = await pair();
    const plan = await done({ action: 'reassign', person: from, product, to });
    await world.force(`update intent set state = 'UNKNOWN', read_back = false where plan_id = $1 and after_external_id is not null`, [plan.id]); // prettier-ignore

    const back = await act({ action: 'release', plan: plan.id });
    await world.ask('deliver', { connection: 'people', object: 'UserEntitlements' });
    await world.drain({ skipWaits: true, endLeases: true });

    expect(back).toMatchObject({ status: 'blocked', body: { effects: [] } });
    expect(back.body.notes.join()).toContain('not settled');
    expect([await holds(from, product), await holds(to, product)]).toEqual([false, true]);
    expect((await done({ action: 'release', plan: plan.id })).status).toBe('applied');
    expect([await holds(from, product), await holds(to, product)]).toEqual([true, false]);
  });
});

describe('an answer that was lost', () => {
  const lose = () =>
    world.twins.scim.faults({ action: 'apply_then_reset', match: PATCH, times: 1 });

  test('F-13: takes the seat once, and reading back proves it', async () => {
    await look();
    const [seat] = await seats();
    const before = await effects();
    await lose();

    const plan = await done({ action: 'reclaim', person: seat?.userRef, product: seat?.product });
    await world.drain({ skipWaits: true, endLeases: true });

    expect((await planOf(plan.id)).status).toBe('applied');
    expect(await effects()).toBe(before + 1);
    await done({ action: 'release', plan: plan.id });
  });

  test('F-14: of a seat that somebody gave back meanwhile is a conflict, and is not sent again', async () => {
    const [seat] = await seats();
    const user = seat?.userRef ?? '';
    const { entitlements } = await userOf(user);
    const before = await effects();
    await lose();

    const plan = await done({ action: 'reclaim', person: user, product: seat?.product });
    const [unknown] = await intentsOf(plan);
    await world.twins.scim.mutate({ object: 'Users', operation: 'update', id: user, fields: { entitlements: entitlements ?? [] } }); // prettier-ignore
    await world.drain({ skipWaits: true, endLeases: true });

    const [intent] = await intentsOf(plan);
    expect(unknown?.state).toBe('UNKNOWN');
    expect(intent).toMatchObject({ state: 'CONFLICT', error: { code: 'conflict' } });
    expect(await effects()).toBe(before + 1);
    expect(await holds(user, seat?.product ?? '')).toBe(true);
  });
});

describe('a world that moved', () => {
  test('makes an approved plan stale, nothing is done, and the audit names the seat', async () => {
    const seat = (await seats()).at(-1);
    const plan = await act({ action: 'reclaim', person: seat?.userRef, product: seat?.product });
    await world.twins.scim.mutate({ object: 'Users', operation: 'update', id: seat?.userRef ?? '', fields: { entitlements: [] } }); // prettier-ignore
    await look();
    const before = await effects();

    await approvePlan(world.deps, world.caller, { id: plan.id, hash: plan.hash });
    const refusal = requestApply(world.deps, world.caller, plan.id);
    const moved = [{ path: expect.stringContaining(seat?.seatRef ?? ''), approved: 'taken', now: 'Nobody holds this seat any more.' }]; // prettier-ignore
    await expect(refusal).rejects.toMatchObject({ code: 'conflict', details: { moved } });
    await world.drain({ without: ['detect-closed-won'] });

    expect((await planOf(plan.id)).status).toBe('stale');
    expect(await effects()).toBe(before);
    const [refused] = await world.inTx((tx) => listAudit(tx, { subject: plan.id, limit: 1 }));
    expect(refused?.details).toMatchObject({ moved: [expect.stringContaining(seat?.seatRef ?? '')] }); // prettier-ignore
  });

  test('a person without seats, or a request that says too little, is told so', async () => {
    await expect(act({ action: 'reclaim', person: 'nobody@example.test' })).rejects.toMatchObject({ code: 'not_found' }); // prettier-ignore
    await expect(act({ action: 'reclaim' })).rejects.toMatchObject({ code: 'validation_failed' });
    await expect(act({ action: 'release' })).rejects.toMatchObject({ code: 'validation_failed' });
  });
});
