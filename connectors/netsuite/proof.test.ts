import { afterEach, describe, expect, test } from '@jest/globals';
import type { JsonObject } from '../../src/kernel/hash.ts';
import { countingEgress } from '../../test/support/egress.ts';
import { heldSecrets } from '../../test/support/held-secrets.ts';
import { startNetSuite, type NetSuiteUnderTest } from '../../test/support/netsuite-session.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { silentLogger } from '../../src/kernel/logger.ts';
import netsuite from './index.ts';
import { FIXTURE_WORLD } from './twin/fixture-world.ts';

let running: NetSuiteUnderTest | null = null;
afterEach(async () => {
  await running?.stop();
  running = null;
});

async function start(settings: JsonObject = {}, objects: Record<string, JsonObject[]> = {}) {
  running = await startNetSuite({
    settings: { ...FIXTURE_WORLD.settings, ...settings },
    objects: { ...FIXTURE_WORLD.objects, ...objects },
  });
  const { config, secrets } = running.twin.credentials;
  const { egress, count } = countingEgress();
  const session = await netsuite.open({
    connection: 'erp',
    config: netsuite.config.parse(config),
    ...heldSecrets(netsuite.secrets.parse(secrets)),
    egress,
    clock: systemClock(),
    logger: silentLogger,
  });
  return { ns: running, session, count };
}

describe('the proof of a window', () => {
  test('costs as many calls by keys as by its count, where one answer holds the keys', async () => {
    const [template] = FIXTURE_WORLD.objects['customer'] ?? [];
    const customer = Array.from({ length: 1_000 }, (_, at): JsonObject => ({
      ...template,
      id: String(1_000 + at),
      entityId: `C${at}`,
      lastModifiedDate: '2026-02-25T00:00:00Z',
    }));
    const { session, count } = await start({}, { customer });
    const window = await session.openWindow('customer', '2026-02-24 00:00:00');
    await session.countWindow('customer', window);
    const before = count();

    await session.countWindow('customer', window);
    const counting = count() - before;
    const keys = await session.listKeys('customer', window);
    const listing = count() - before - counting;

    expect(keys).toHaveLength(session.keysPerAnswer ?? 0);
    expect([counting, listing]).toEqual([2, 2]);
  });

  test('says that deletions cannot be proven where the role may not see them, and of no full read', async () => {
    const { session } = await start({ denied: ['deletedrecord'] });
    const first = await session.openWindow('salesOrder', null);
    const next = await session.openWindow('salesOrder', first.to);

    expect(await session.caveatsOf?.('salesOrder', next)).toEqual([
      expect.stringMatching(/^Deletions not provable: .*Deleted Records\.$/),
    ]);
    expect(await session.caveatsOf?.('salesOrder', first)).toEqual([]);
  });

  test('says nothing of the kind where the role sees them', async () => {
    const { session } = await start();
    const window = await session.openWindow('salesOrder', '2026-03-02 08:00:00');

    expect(await session.caveatsOf?.('salesOrder', window)).toEqual([]);
  });
});

describe('evidence of deletions', () => {
  test('is what the list of deleted records tells of a stream, whenever it was', async () => {
    const { ns, session } = await start();
    await ns.mutate({ object: 'salesOrder', operation: 'delete', id: '101' });

    expect(await session.deletionsOf?.('salesOrder', ['100', '101'])).toEqual(new Set(['101']));
    expect(await session.deletionsOf?.('invoice', ['101'])).toEqual(new Set());
  });

  test('is none where the role may not see them', async () => {
    const { ns, session } = await start({ denied: ['deletedrecord'] });
    await ns.mutate({ object: 'salesOrder', operation: 'delete', id: '101' });

    expect(await session.deletionsOf?.('salesOrder', ['101'])).toEqual(new Set());
  });
});
