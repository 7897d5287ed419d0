import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startHarness, type Harness } from '../../../test/support/flow-harness.ts';
import { listIntents } from '../../delivery/intents.ts';
import { listRuns } from '../../intake/runs.ts';
import { factsOf } from '../../ledger/facts.ts';
import { listFindings, listPositions } from '../../licensing/runs.ts';
import type { TraceHop } from '../trace/trace-hop.ts';
import { startReconciliation } from './start-reconciliation.ts';
import { traceId } from './trace-id.ts';

let world: Harness;

/** A company with its past only: no deal is won here, so nothing is found by way of one. */
beforeAll(async () => {
  world = await startHarness();
  for (const each of ['crm', 'erp', 'people', 'files']) await world.pull(each);
  await world.allowWrites();
  await world.drain();
  await startReconciliation(world.deps, world.caller);
  await world.drain();
  await world.ask('sync-renewals');
  await world.drain();
}, 120_000);
afterAll(() => world?.stop());

const hopsOf = async (id: string): Promise<readonly TraceHop[]> =>
  (await traceId(world.deps, world.caller, id)).hops;
const ids = (hops: readonly TraceHop[], kind: TraceHop['kind'], object?: string): string[] =>
  hops
    .filter((hop) => hop.kind === kind && (object === undefined || hop.object === object))
    .map((hop) => hop.id);
const present = <T>(value: T | undefined): T => {
  if (value === undefined) throw new Error('The sample company has none.');
  return value;
};

/** An entitlement that an order of the ERP's past gives. */
const historic = async () => {
  const all = await world.inTx((tx) => factsOf(tx, 'entitlement'));
  return present(
    all.find(
      ({ body }) =>
        body.orderConnection === 'erp' && body.dealRef === undefined && body.status === 'active',
    ),
  );
};
const renewal = async () =>
  present((await world.inTx((tx) => factsOf(tx, 'renewalTerm'))).find(Boolean));
const written = async (object: string) =>
  present((await world.inTx((tx) => listIntents(tx, { object, limit: 1 })))[0]);

describe('rights without a deal', () => {
  test('an order of the past leads to its lines, entitlements, rights and positions', async () => {
    const { body, externalRef } = await historic();

    const hops = await hopsOf(body.orderRef ?? '');

    expect(ids(hops, 'record', 'salesOrder')).toContain(body.orderRef);
    expect(ids(hops, 'fact', 'orderLine')).toContain(body.orderLineRef);
    expect(ids(hops, 'entitlement')).toContain(externalRef);
    expect(ids(hops, 'rights')).toContain(`${externalRef}:grant`);
    expect(ids(hops, 'position')).not.toEqual([]);
  });

  test('a line of that order leads there as well, and so does the entitlement itself', async () => {
    const { body, externalRef } = await historic();

    for (const id of [body.orderLineRef ?? '', externalRef]) {
      const hops = await hopsOf(id);

      expect(ids(hops, 'fact', 'order')).toEqual([body.orderRef]);
      expect(ids(hops, 'entitlement')).toContain(externalRef);
      expect(ids(hops, 'position')).not.toEqual([]);
    }
  });

  test('what was read names its mapping version, what was decided its rule version', async () => {
    const hops = await hopsOf((await historic()).body.orderRef ?? '');

    const facts = hops.filter(({ kind }) => kind === 'fact');
    expect(facts.filter(({ mapping }) => mapping === null)).toEqual([]);
    for (const kind of ['entitlement', 'rights'])
      for (const hop of hops.filter((each) => each.kind === kind))
        expect(hop.rules).toEqual({ 'commerce.rights': 1 });
  });
});

describe('results', () => {
  test('a finding leads to the facts that prove it, with their records', async () => {
    const [finding] = await world.inTx((tx) => listFindings(tx));

    const hops = await hopsOf(present(finding).id);

    expect(hops[0]).toMatchObject({ kind: 'finding', id: finding?.id });
    expect(Object.keys(hops[0]?.rules ?? {})).toEqual([`detector.${finding?.kind}`]);
    expect(hops.filter(({ kind }) => kind === 'fact').length).toBeGreaterThan(0);
    expect(ids(hops, 'record')).not.toEqual([]);
  });

  test('a finding of every kind can be traced', async () => {
    const findings = await world.inTx((tx) => listFindings(tx));
    const kinds = Map.groupBy(findings, ({ kind }) => kind);

    expect(kinds.size).toBeGreaterThan(5);
    for (const [finding] of kinds.values())
      expect(ids(await hopsOf(finding?.id ?? ''), 'fact')).not.toEqual([]);
  });

  test('a position line leads to its entitlements and their orders', async () => {
    const lines = await world.inTx((tx) => listPositions(tx));
    const line = present(lines.find(({ inputs }) => inputs.entitlements.length > 0));

    const hops = await hopsOf(line.line.id);

    expect(ids(hops, 'position')).toContain(line.line.id);
    expect(ids(hops, 'entitlement').length).toBeGreaterThanOrEqual(line.inputs.entitlements.length);
    expect(ids(hops, 'fact', 'order')).not.toEqual([]);
  });

  test('a position line of every status can be traced', async () => {
    const lines = await world.inTx((tx) => listPositions(tx));
    const statuses = Map.groupBy(lines, ({ line }) => line.status);

    for (const [saved] of statuses.values())
      expect(ids(await hopsOf(saved?.line.id ?? ''), 'position')).toContain(saved?.line.id);
  });

  test('a fact id leads to the same way as what it is about', async () => {
    const entitlement = await historic();

    const hops = await hopsOf(entitlement.factId);

    expect(ids(hops, 'entitlement')).toContain(entitlement.externalRef);
    expect(ids(hops, 'position')).not.toEqual([]);
  });

  test('a run shows what each of its streams landed and proved', async () => {
    const [run] = await world.inTx((tx) => listRuns(tx, { connection: 'people', limit: 1 }));

    const hops = await hopsOf(present(run).id);

    expect(hops.map(({ kind, object }) => [kind, object])).toEqual([
      ['run', 'run'],
      ['certificate', 'Groups'],
      ['certificate', 'Users'],
    ]);
    expect(hops[1]?.summary).toMatch(/^\d+ records, closed, the source counts \d+$/);
  });
});

describe('what was written', () => {
  test('every id of a renewal leads to the renewal, its entitlements and both records', async () => {
    const { externalRef, body } = await renewal();
    const intents = (await world.inTx((tx) => listIntents(tx, { limit: 500 }))).filter(
      (intent) => intent.canonicalId === externalRef,
    );

    expect(intents.map(({ object }) => object).toSorted()).toEqual(['Opportunity', 'estimate']);
    const named = intents.flatMap(({ id, externalId, result }) => [id, externalId, result?.vendorId ?? '']);
    for (const id of [externalRef, ...named]) {
      const hops = await hopsOf(id);

      expect([id, ids(hops, 'renewal')]).toEqual([id, expect.arrayContaining([externalRef])]);
      expect([id, ids(hops, 'entitlement')]).toEqual([id, expect.arrayContaining([...body.entitlementRefs])]);
      expect(ids(hops, 'intent')).toEqual(
        expect.arrayContaining(intents.map(({ result }) => result?.vendorId)),
      );
    }
  }); // prettier-ignore

  test.each([
    ['Opportunity', 1],
    ['estimate', 1],
    ['Account', 2],
  ])('the %s names the outbound mapping version that made it', async (object, version) => {
    const intent = await written(object);

    const hops = await hopsOf(intent.id);

    expect(hops.find((hop) => hop.kind === 'intent' && hop.object === object)).toMatchObject({
      id: intent.result?.vendorId ?? intent.vendorId,
      mapping: { id: expect.stringMatching(/^(salesforce|netsuite)\./), version },
    });
  });

  test('what nobody has heard of is told as not found', async () => {
    await expect(hopsOf('nothing-of-the-kind')).rejects.toThrow(/Nothing here has heard/);
  });
});
