import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { loopbackEgress } from '../../test/support/egress.ts';
import { heldSecrets } from '../../test/support/held-secrets.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import type { JsonObject } from '../../src/kernel/hash.ts';
import { silentLogger } from '../../src/kernel/logger.ts';
import type { ConnectorSession } from '../../src/sdk/define-connector.ts';
import type { RunningTwin } from '../../src/sdk/define-twin.ts';
import { seatKeyText } from '../../src/sdk/seat-key.ts';
import connector from './index.ts';
import twin from './twin/index.ts';

const VISIO = 'sku-visio';
const PLANS = ['plan-a', 'plan-b'];

let running: RunningTwin;
let session: ConnectorSession;

beforeEach(async () => {
  running = await twin.start({
    world: {
      objects: {
        subscribedSkus: [{ id: 's-1', skuId: VISIO, skuPartNumber: 'VISIO', appliesTo: 'User', prepaidUnits: { enabled: 1, warning: 0 }, servicePlans: PLANS.map((servicePlanId) => ({ servicePlanId })) }],
        users: [
          { id: 'u-1', userPrincipalName: 'ada', assignedLicenses: [{ skuId: VISIO, disabledPlans: ['plan-b'] }] },
          { id: 'u-2', userPrincipalName: 'bob', assignedLicenses: [] },
        ],
      },
      settings: { tenantId: 'acme', clientId: 'trueup', clientSecret: 'shh' },
    },
    planted: [],
    port: 0,
    startAt: '2026-03-02T08:00:00Z',
    seed: 1,
  }); // prettier-ignore
  session = await connector.open({
    connection: 'm365',
    config: connector.config.parse(running.credentials.config),
    ...heldSecrets({ clientSecret: 'shh' }),
    egress: loopbackEgress(),
    clock: systemClock('2026-03-02'),
    logger: silentLogger,
  });
});
afterEach(async () => {
  await session.close();
  await running.stop();
});

const ada = seatKeyText({ user: 'u-1', sku: 'VISIO' });
const bob = seatKeyText({ user: 'u-2', sku: 'VISIO' });
const write = async (vendorId: string, fields: JsonObject) =>
  (await session.write('userLicenses', [{ externalId: 'x', intentId: 'i', vendorId, fields }]))[0];
const held = async (vendorId: string) =>
  (await session.readBack('userLicenses', [], [vendorId]))[0]?.fields;
const BEFORE = { assigned: true, enabled: true, disabledPlans: ['plan-b'] };

test('a licence is taken, and given back with the services that were off', async () => {
  const before = await held(ada);
  const taken = await write(ada, { assigned: false });
  const after = await held(ada);
  const given = await write(ada, before ?? {});

  expect([before, after]).toEqual([BEFORE, { assigned: false }]);
  expect([taken?.kind, given?.kind]).toEqual(['applied', 'applied']);
  expect(await held(ada)).toEqual(BEFORE);
});

test('a licence that is held stays with its user and gives nothing, until it is released', async () => {
  const hold = await write(ada, { assigned: true, enabled: false });
  const during = await held(ada);
  await write(ada, BEFORE);

  expect(hold).toMatchObject({ kind: 'applied' });
  expect(during).toEqual({ assigned: true, enabled: false, disabledPlans: PLANS });
  expect(await held(ada)).toEqual(BEFORE);
});

test('a licence is given to another only once one is free, and the refusal says so', async () => {
  const early = await write(bob, { assigned: true });
  await write(ada, { assigned: false });
  const late = await write(bob, { assigned: true });

  expect(early).toMatchObject({ kind: 'rejected', message: expect.stringContaining('any available licenses') }); // prettier-ignore
  expect(late).toMatchObject({ kind: 'applied' });
  expect(await held(bob)).toEqual({ assigned: true, enabled: true, disabledPlans: [] });
});

test('what Microsoft does not provide, or no licence has, is refused by its name', async () => {
  const unknown = await write(seatKeyText({ user: 'u-1', sku: 'PROJECT' }), { assigned: true });
  const wrong = await write(ada, { assigned: true, colour: 'red' });

  expect(unknown).toMatchObject({ kind: 'rejected', message: expect.stringContaining('PROJECT') });
  expect(wrong).toMatchObject({ kind: 'rejected', field: 'colour' });
});

test.each([
  [{ action: 'status', status: 429, headers: { 'retry-after': '12' } }, { kind: 'retry', code: 'rate_limited', retryAt: expect.any(String) }],
  [{ action: 'status', status: 409 }, { kind: 'retry', code: 'changed_since_read' }],
  [{ action: 'apply_then_reset' }, { kind: 'unknown', mayArrive: true }],
])('F-13: %j is told as %j', async (fault, told) => {
  await fetch(`${running.control}/faults`, { method: 'PUT', body: JSON.stringify({ rules: [{ ...fault, match: { method: 'POST', path: 'assignLicense' }, times: 1 }] }) });

  expect(await write(ada, { assigned: false })).toMatchObject(told);
}); // prettier-ignore
