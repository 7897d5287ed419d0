import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { JsonObject } from '../../src/kernel/hash.ts';
import type { WriteRequest } from '../../src/sdk/write.ts';
import { startNetSuite, type NetSuiteUnderTest } from '../../test/support/netsuite-session.ts';

let ns: NetSuiteUnderTest;

beforeAll(async () => {
  ns = await startNetSuite();
});
afterAll(() => ns?.stop());
beforeEach(() => fetch(`${ns.twin.control}/reset`, { method: 'POST' }));

const order = (externalId: string, more: Partial<WriteRequest> = {}): WriteRequest => ({
  externalId,
  intentId: `intent-${externalId}`,
  vendorId: null,
  fields: {
    entity: { id: '10' },
    subsidiary: { id: '2' },
    currency: { id: '1' },
    tranDate: '2026-03-02',
    item: { items: [{ item: { id: '20' }, quantity: '1', rate: '1' }] },
  },
  ...more,
});
const again = (externalId: string, more: Partial<WriteRequest> = {}) =>
  order(externalId, { attempt: 2, ...more });
const operations = async () => (await ns.oracle()).map(({ externalId, operation }) => [externalId, operation]); // prettier-ignore
const firings = async () => (await (await fetch(`${ns.twin.control}/firings`)).json()) as number[];
/** Counts calls without disturbing them. */
const counted = (match: JsonObject): JsonObject => ({ action: 'delay', delayMs: 0, match });

describe('a write that was tried before', () => {
  test('goes as a job under the intent’s id, and a first try does not', async () => {
    const session = await ns.open();
    await ns.faults(counted({ path: 'async/v1/job' }));

    const first = await session.write('salesOrder', [order('FIRST')]);
    const polled = (await firings())[0];
    const second = await session.write('salesOrder', [again('SECOND')]);

    expect(polled).toBe(0);
    expect((await firings())[0]).toBeGreaterThan(2);
    expect([...first, ...second]).toMatchObject([
      { kind: 'applied', externalId: 'FIRST', vendorId: expect.stringMatching(/^\d+$/) },
      { kind: 'applied', externalId: 'SECOND', vendorId: expect.stringMatching(/^\d+$/) },
    ]);
    expect((await session.readBack('salesOrder', ['SECOND']))[0]?.intentId).toBe('intent-SECOND');
  });

  test('F-13: whose job was taken and the answer lost finds its job again: one record', async () => {
    const session = await ns.open();
    await ns.faults({ action: 'apply_then_reset', match: { method: 'PUT' }, nth: 1 });

    const [lost] = await session.write('salesOrder', [again('DEAL')]);
    const [found] = await session.write('salesOrder', [again('DEAL')]);

    expect(lost).toMatchObject({ kind: 'unknown', mayArrive: true });
    expect(found).toMatchObject({ kind: 'applied', externalId: 'DEAL' });
    expect(await operations()).toEqual([['DEAL', 'create']]);
  });

  test('F-15: that takes longer than a call may outlasts the calls', async () => {
    const session = await ns.open({ timeoutSeconds: '0.4' });
    await ns.faults({ action: 'slow_create', delayMs: 900, match: { object: 'salesOrder' }, with: { apply: 'late' } }); // prettier-ignore

    const [result] = await session.write('salesOrder', [again('SLOW')]);

    expect(result).toMatchObject({ kind: 'applied', externalId: 'SLOW' });
    expect(await operations()).toEqual([['SLOW', 'create']]);
  });

  test('and that NetSuite refuses is refused with the field, as without a job', async () => {
    const session = await ns.open();

    const [result] = await session.write('salesOrder', [
      again('BAD', { fields: { ...order('BAD').fields, custbody_made_up: 'x' } }),
    ]);

    expect(result).toMatchObject({ kind: 'rejected', code: 'INVALID_CONTENT', field: 'custbody_made_up' }); // prettier-ignore
    expect(await operations()).toEqual([]);
  });

  test.each([
    ['is refused for the rate', { status: 429, headers: { 'retry-after': '30' } }, 'rate_limited'],
    ['meets a login that ended', { status: 401 }, 'auth_expired'],
    ['finds no job', { status: 404 }, 'HTTP_404'],
  ])('following the job %s: nobody may say that nothing was applied', async (_, answer, code) => {
    const session = await ns.open();
    await ns.faults({ action: 'status', match: { path: 'async/v1/job' }, ...answer });

    const [result] = await session.write('salesOrder', [again('DEAL')]);

    expect(result).toMatchObject({ kind: 'unknown', mayArrive: true });
    expect([code, 'remote_rejected']).toContain(result?.kind === 'unknown' ? result.code : '');
    expect(await operations()).toEqual([['DEAL', 'create']]);
  });

  test('by setting all writes are jobs, or none is', async () => {
    await ns.faults(counted({ path: 'async/v1/job' }));

    await (await ns.open({ asJob: 'never' })).write('salesOrder', [again('ONE')]);
    const never = (await firings())[0];
    await (await ns.open({ asJob: 'always' })).write('salesOrder', [order('TWO')]);

    expect([never, (await firings())[0]]).toEqual([0, expect.any(Number)]);
    expect((await firings())[0]).toBeGreaterThan(2);
  });
});

describe('a record that somebody changed after it was read', () => {
  const readNow = async () => {
    const [held] = await (await ns.open()).readBack('salesOrder', ['DEAL']);
    return { vendorId: held?.vendorId ?? '', changedAt: held?.changedAt ?? null };
  };

  test('F-14: is not written over, and read anew it is', async () => {
    const session = await ns.open();
    await session.write('salesOrder', [order('DEAL')]);
    const asRead = await readNow();
    await ns.setClock('2026-03-02T18:00:00Z');
    await ns.mutate({ object: 'salesOrder', operation: 'update', id: asRead.vendorId, fields: { memo: 'theirs' } }); // prettier-ignore
    const ours = { intentId: 'second', fields: { memo: 'ours' } };

    const [stale] = await session.write('salesOrder', [order('DEAL', { ...ours, asRead })]);
    const between = await operations();
    const fresh = await session.write('salesOrder', [order('DEAL', { ...ours, asRead: await readNow() })]); // prettier-ignore

    expect(stale).toMatchObject({ kind: 'retry', code: 'changed_since_read' });
    expect(between).toEqual([['DEAL', 'create']]);
    expect(fresh).toMatchObject([{ kind: 'applied' }]);
    expect((await operations()).at(-1)).toEqual(['DEAL', 'update']);
  });

  test.each([
    ['RCRD_HAS_BEEN_CHANGED', { kind: 'retry', code: 'changed_since_read' }],
    ['DUP_RCRD', { kind: 'unknown', mayArrive: false }],
  ])('F-25: a save that meets another one (%s) is no refusal', async (code, outcome) => {
    const session = await ns.open();
    const body = JSON.stringify({ title: 'Bad Request', status: 400, 'o:errorDetails': [{ detail: 'another save', 'o:errorCode': code }] }); // prettier-ignore
    await ns.faults({ action: 'status', status: 400, match: { method: 'PUT' }, headers: { 'content-type': 'application/json' }, body }); // prettier-ignore

    const [result] = await session.write('salesOrder', [order('DEAL')]);

    expect(result).toMatchObject(outcome);
  });
});

test('F-17: an account that says when to come back is quoted on every record that it did not take', async () => {
  const session = await ns.open();
  await ns.faults({ action: 'status', status: 429, headers: { 'retry-after': '90' }, match: { method: 'PUT' } }); // prettier-ignore
  const before = Date.now();

  const results = await session.write('salesOrder', [order('ONE'), order('TWO')]);

  for (const result of results) {
    expect(result.kind).toBe('retry');
    const at = result.kind === 'retry' ? Date.parse(result.retryAt ?? '') : 0;
    expect(at - before).toBeGreaterThanOrEqual(89_000);
  }
});
