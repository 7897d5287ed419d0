import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startHarness, type Harness } from '../../../test/support/flow-harness.ts';
import { factsOf } from '../../ledger/facts.ts';

let world: Harness;

beforeAll(async () => {
  world = await startHarness();
  for (const each of ['crm', 'erp']) await world.pull(each);
}, 120_000);
afterAll(() => world?.stop());

const entitlements = () => world.inTx((tx) => factsOf(tx, 'entitlement'));
const present = <T>(value: T | undefined): T => {
  if (value === undefined) throw new Error('The sample company has none.');
  return value;
};

describe('F-35: two accounts become one', () => {
  test('the rights of the losing account belong to the other, and nothing is left without an owner', async () => {
    const { salesforce } = world.twins;
    const owned = present(
      (await entitlements()).find(
        ({ body }) => body.posture === 'licensor' && body.ownerRef.startsWith('001'),
      ),
    );
    const loser = owned.body.ownerRef;
    const accounts = await salesforce.records('Account');
    const others = accounts.flatMap(({ Id, ParentId }) =>
      typeof Id === 'string' && Id !== loser && ParentId === null ? [Id] : [],
    );
    const survivor = present(others[0]);
    const unowned = (await entitlements()).filter(({ body }) => body.ownerRef.startsWith('unlinked:')); // prettier-ignore

    await salesforce.mutate({ object: 'Account', operation: 'merge', id: loser, into: survivor });
    await world.pull('crm');

    const after = await entitlements();
    expect(after.filter(({ body }) => body.ownerRef === loser)).toEqual([]);
    expect(after.find(({ externalRef }) => externalRef === owned.externalRef)?.body.ownerRef).toBe(survivor); // prettier-ignore
    expect(after.filter(({ body }) => body.ownerRef.startsWith('unlinked:'))).toHaveLength(unowned.length); // prettier-ignore
    const organizations = await world.inTx((tx) => factsOf(tx, 'organization'));
    expect(organizations.map(({ externalRef }) => externalRef)).not.toContain(loser);
    for (const noun of ['opportunity', 'order'] as const) {
      const facts = await world.inTx((tx) => factsOf(tx, noun));
      expect(facts.filter(({ body }) => body.accountRef === loser)).toEqual([]);
    }
  });

  test('stay one when the loser leaves the recycle bin the same day, and the proof closes', async () => {
    const { salesforce } = world.twins;
    const mergers = () => world.inTx((tx) => factsOf(tx, 'organizationMerger'));
    const [merger] = await mergers();
    const loser = present(merger).externalRef;
    await salesforce.mutate({ object: 'Account', operation: 'purge', id: loser });
    await salesforce.advance(2);
    const runs = [await world.pull('crm'), await world.pull('crm', { full: true })];

    expect((await mergers()).map(({ body }) => body)).toContainEqual(present(merger).body);
    expect((await entitlements()).filter(({ body }) => body.ownerRef === loser)).toEqual([]);
    for (const { streams } of runs)
      expect(streams.filter(({ certificate }) => certificate?.closed !== true)).toEqual([]);
  });

  test('a record that was purged past the recycle bin has no facts any more, and the proof closes', async () => {
    const asset = present((await world.inTx((tx) => factsOf(tx, 'asset')))[0]);
    await world.twins.salesforce.mutate({ object: 'Asset', operation: 'purge', id: asset.externalRef }); // prettier-ignore
    await world.twins.salesforce.advance(2);
    const run = await world.pull('crm');

    const assets = await world.inTx((tx) => factsOf(tx, 'asset'));
    expect(assets.map(({ externalRef }) => externalRef)).not.toContain(asset.externalRef);
    expect(run.streams.filter(({ certificate }) => certificate?.closed !== true)).toEqual([]);
  });
});
