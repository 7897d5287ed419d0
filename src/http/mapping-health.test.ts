import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { staffedApi, type StaffedApi } from '../../test/support/staffed-api.ts';
import { proposeIntents } from '../delivery/intents.ts';
import { addConnection } from '../intake/connections.ts';
import { quarantineUnmapped, resolveQuarantine } from '../intake/quarantine.ts';
import { keepDescription } from '../mapping/object-descriptions.ts';

// What the list of mappings tells of each: how far it covers its target, what failed because of it, and who answers for it.

const DEAL = 'salesforce.opportunity';
const ORDER = 'netsuite.order-to-sales-order';
const CRM = { connection: 'crm', stream: 'Opportunity' };

let world: StaffedApi;

beforeAll(async () => {
  world = await staffedApi({ viewer: ['viewer'], admin: ['admin'], Stella: ['editor'] });
});
afterAll(() => world.close());

const get = (path: string) => world.call('viewer', 'GET', path);
// oxlint-disable-next-line typescript/no-explicit-any -- an answer
const listed = async (id: string): Promise<any> =>
  (await get('mappings?limit=200')).body.data.find((each: { id: string }) => each.id === id);
const shown = async (id: string) => (await get(`mappings/${id}`)).body;

const fails = (...ids: readonly string[]) =>
  world.inTx((tx) =>
    quarantineUnmapped(
      tx,
      { runId: 'run_1', ...CRM },
      ids.map((recordId) => ({
        recordId,
        code: 'bad_value',
        reason: 'Amount is not a figure',
        field: 'amount',
        mappingId: DEAL,
        mappingVersion: 1,
      })),
    ),
  );

test('a mapping tells how many of the fields that its target needs have a row; of a system only once it was described', async () => {
  const before = await listed(ORDER);
  await world.inTx((tx) =>
    addConnection(tx, {
      id: 'erp',
      connector: 'netsuite',
      role: 'erp',
      config: {},
      allowPrivateNetwork: false,
    }),
  );
  const field = { label: '', type: 'string', custom: false, key: false, picklist: [], reference: null }; // prettier-ignore
  await world.inTx((tx) =>
    keepDescription(tx, 'erp', {
      object: before.target.object,
      label: 'Sales order',
      fields: [
        { ...field, name: 'entity', required: true, readOnly: false },
        { ...field, name: 'custbody_cost_centre', required: true, readOnly: false },
        { ...field, name: 'id', required: true, readOnly: true },
        { ...field, name: 'memo', required: false, readOnly: false },
      ],
    }),
  );

  const covered = { required: 2, mapped: 1, missing: ['custbody_cost_centre'] };
  expect(before.coverage).toBeNull();
  expect((await listed(ORDER)).coverage).toEqual(covered);
  expect((await shown(ORDER)).coverage).toEqual(covered);
  expect((await listed(DEAL)).coverage).toMatchObject({ missing: [] });
  expect((await listed(DEAL)).coverage.required).toBeGreaterThan(0);
});

test('it counts the records that failed in seven days, mended or not, once each; what waits for longer only waits', async () => {
  await fails('006A', '006B', '006OLD');
  await world.inTx((tx) => resolveQuarantine(tx, CRM, 'mapping', DEAL, ['006A']));
  await fails('006A', '006C');
  await world.inTx((tx) => resolveQuarantine(tx, CRM, 'mapping', DEAL, ['006C']));
  await world.admin.query(
    `update quarantine set seen_at = seen_at - interval '8 days' where record_id = '006OLD'`,
  );

  expect((await listed(DEAL)).errors).toEqual({ waiting: 3, last7Days: 3 });
  expect((await shown(DEAL)).errors).toEqual({ waiting: 3, last7Days: 3 });
  expect((await listed('salesforce.contract')).errors).toEqual({ waiting: 0, last7Days: 0 });
});

test('outbound it counts the writes that wait, and the errors of one mapping alone are listed', async () => {
  await world.inTx((tx) =>
    proposeIntents(
      tx,
      ['deal:1', 'deal:2'].map((canonicalId) => ({
        connection: 'erp',
        object: 'salesOrder',
        canonicalId,
        vendorId: null,
        fields: { memo: canonicalId },
        mapping: { id: ORDER, version: 1 },
      })),
      null,
    ),
  );
  await world.admin.query(
    `update intent set state = 'QUARANTINED', sent_at = app.clock(), settled_at = app.clock(),
       error = '{"code":"INVALID_KEY","field":"entity","message":"No customer."}'`,
  );
  await world.admin.query(
    `update intent set settled_at = app.clock() - interval '8 days' where canonical_id = 'deal:2'`,
  );
  const { data } = (await get(`errors/groups?mapping=${ORDER}`)).body;

  expect((await listed(ORDER)).errors).toEqual({ waiting: 2, last7Days: 1 });
  expect(data).toMatchObject([{ mappingId: ORDER, count: 2, field: 'entity' }]);
});

test('it names who answers for it, and nobody where nobody does or somebody who is gone', async () => {
  const set = (what: string, person: string) =>
    world.api.call('PUT', `/api/v1/stewardship/mapping/${what}`, {
      key: world.keyOf('admin'),
      headers: { 'if-none-match': '*' },
      body: { person },
    });
  const id = world.people.get('Stella') ?? '';
  const before = await listed(DEAL);
  await set(DEAL, id);
  const [owned, other] = [await listed(DEAL), await listed(ORDER)];
  await world.call('admin', 'POST', `users/${id}:disable`);
  const gone = await listed(DEAL);

  expect([before.owner, before.steward]).toEqual([null, null]);
  expect([owned.owner, owned.steward]).toEqual([{ id, name: 'Stella' }, id]);
  expect(other.owner).toBeNull();
  expect([gone.owner, gone.steward]).toEqual([null, id]);
});
