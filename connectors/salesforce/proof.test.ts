import { afterEach, describe, expect, test } from '@jest/globals';
import type { JsonObject } from '../../src/kernel/hash.ts';
import type { RunningTwin, TwinWorld } from '../../src/sdk/define-twin.ts';
import { countingEgress } from '../../test/support/egress.ts';
import { control, openSalesforce, startSalesforce } from '../../test/support/salesforce-session.ts';
import { FIXTURE_IDS, fixtureWorld } from './twin/fixture-world.ts';

const STAMP = '2026-02-25T00:00:00.000+0000';

let twin: RunningTwin | null = null;
afterEach(async () => {
  await twin?.stop();
  twin = null;
});

const accounts = (count: number): TwinWorld => {
  const world = fixtureWorld();
  const [template] = world.objects['Account'] ?? [];
  const rows = Array.from({ length: count }, (_, at): JsonObject => ({
    ...template,
    Id: `001Fx${String(at).padStart(10, '0')}AAA`,
    Name: `Account ${at}`,
    ParentId: null,
    LastModifiedDate: STAMP,
    SystemModstamp: STAMP,
  }));
  return { ...world, objects: { ...world.objects, Account: rows } };
};

async function start(world?: TwinWorld) {
  twin = await startSalesforce(world);
  const { egress, count } = countingEgress();
  const session = await openSalesforce(twin, { egress });
  return { session, count, twin };
}

describe('the proof of a window', () => {
  test('costs as many calls by keys as by its count, where one answer holds the keys', async () => {
    const { session, count, twin: source } = await start(accounts(2_000));
    const full = { action: 'short_page', match: { object: 'Account' }, with: { rows: 2_000 } };
    await control(source, 'PUT', '/faults', { seed: 1, rules: [full] });
    const window = await session.openWindow('Account', '2026-02-24T00:00:00.000Z');
    await session.countWindow('Account', window);
    const before = count();

    await session.countWindow('Account', window);
    const counting = count() - before;
    const keys = await session.listKeys('Account', window);
    const listing = count() - before - counting;

    expect(keys).toHaveLength(session.keysPerAnswer ?? 0);
    expect([counting, listing]).toEqual([1, 1]);
  });
});

describe('evidence of deletions', () => {
  test('is what the log tells, whether or not the record is still in the recycle bin', async () => {
    const { session, twin: source } = await start();
    await session.openWindow('Asset', null);
    const mutate = (mutation: object) => control(source, 'POST', '/mutate', mutation);
    await mutate({ object: 'Asset', operation: 'purge', id: FIXTURE_IDS.asset });
    await control(source, 'POST', '/clock', { advanceSeconds: 120 });
    await session.openWindow('Asset', null);

    const told = await session.deletionsOf?.('Asset', [FIXTURE_IDS.asset, FIXTURE_IDS.account]);

    expect(told).toEqual(new Set([FIXTURE_IDS.asset]));
  });

  test('there is none for records that are there', async () => {
    const { session } = await start();
    await session.openWindow('Account', null);

    expect(await session.deletionsOf?.('Account', [FIXTURE_IDS.account])).toEqual(new Set());
  });
});
