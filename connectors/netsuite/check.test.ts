import { afterEach, describe, expect, test } from '@jest/globals';
import { startNetSuite, type NetSuiteUnderTest } from '../../test/support/netsuite-session.ts';
import { FIXTURE_WORLD } from './twin/fixture-world.ts';

let running: NetSuiteUnderTest | null = null;

async function start(settings = {}): Promise<NetSuiteUnderTest> {
  running = await startNetSuite({
    ...FIXTURE_WORLD,
    settings: { ...FIXTURE_WORLD.settings, ...settings },
  });
  return running;
}

afterEach(async () => {
  await running?.stop();
  running = null;
});

describe('connections check', () => {
  test('passes on a set-up account and has tried every stream, writer and package field', async () => {
    const session = await (await start()).open();

    const checks = await session.check();

    expect(checks.filter(({ ok }) => !ok)).toEqual([]);
    expect(checks.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'login',
        'clock',
        'read subsidiary',
        'read invoice',
        'write salesOrder',
        'write estimate.custbody_trueup_renewal_of',
        'write salesOrder.custcol_trueup_service_end',
        'limits',
      ]),
    );
  });

  test('names each field that is missing and how to add it', async () => {
    const session = await (await start({ packages: [] })).open();

    const failures = (await session.check()).filter(({ ok }) => !ok);

    expect(failures).toHaveLength(22);
    expect(failures[0]).toEqual({
      name: 'write salesOrder.custbody_trueup_intent',
      ok: false,
      detail: 'The transaction body field custbody_trueup_intent is not declared on salesOrder.',
      fix: expect.stringContaining('connectors/netsuite/package'),
    });
  });

  test('names the right that the role lacks', async () => {
    const session = await (await start({ denied: ['item', 'estimate'] })).open();

    const failures = (await session.check()).filter(({ ok }) => !ok);

    expect(failures.map(({ name }) => name)).toEqual(['read item', 'write estimate']);
    expect(failures.every(({ fix }) => fix?.includes('permission'))).toBe(true);
  });

  test.each(['token', 'suiteql', 'record/v1', 'metadata-catalog'])(
    'an outage at %s is no failed check: it says nothing about credentials or rights',
    async (path) => {
      const twin = await start();
      const session = await twin.open();
      await twin.faults({ match: { path }, action: 'status', status: 503 });

      await expect(session.check()).rejects.toMatchObject({ name: 'RemoteUnavailable' });
    },
  );

  test('stops at the login when the credentials do not work', async () => {
    const session = await (await start()).open({ certificateId: 'another' });

    expect(await session.check()).toEqual([
      {
        name: 'login',
        ok: false,
        detail: expect.stringContaining('invalid_client'),
        fix: expect.any(String),
      },
    ]);
  });
});

describe('the description of an object', () => {
  test('gives the fields of the record and of its lines with what they are', async () => {
    const session = await (await start()).open();

    const { fields, label } = await session.describe('salesOrder');

    const named = Object.fromEntries(fields.map((field) => [field.name, field]));
    expect(label).toBe('Sales orders');
    expect(named['entity']).toMatchObject({
      type: 'reference',
      required: true,
      reference: 'customer',
      custom: false,
    });
    expect(named['status']).toMatchObject({
      readOnly: true,
      picklist: expect.arrayContaining(['A', 'H']),
    });
    expect(named['externalId']).toMatchObject({ key: true });
    expect(named['item.items.custcol_trueup_service_end']).toMatchObject({
      type: 'date',
      custom: true,
    });
  });

  test.each(['subsidiary', 'customer', 'item', 'invoice', 'estimate'])(
    'knows %s',
    async (object) => {
      const session = await (await start()).open();

      expect((await session.describe(object)).fields.length).toBeGreaterThan(3);
    },
  );

  test('refuses what it does not know', async () => {
    const session = await (await start()).open();

    await expect(session.describe('payroll')).rejects.toThrow('not known');
  });
});
