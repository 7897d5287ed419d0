import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { streamsOf as chosenStreams } from '../../src/app/connection-streams.ts';
import { certifiedUpTo } from '../../src/intake/checkpoints.ts';
import { listConnections } from '../../src/intake/connections.ts';
import { listQuarantine } from '../../src/intake/quarantine.ts';
import type { Run, RunStream } from '../../src/intake/runs.ts';
import { factsOf } from '../../src/ledger/facts.ts';
import { textOf } from '../support/company-twins.ts';
import { startHarness, type Harness } from '../support/flow-harness.ts';

const ALL = ['crm', 'erp', 'people', 'files'];

let world: Harness;
let first: readonly Run[];

beforeAll(async () => {
  world = await startHarness();
  const runs: Run[] = [];
  for (const connection of ALL) runs.push(await world.pull(connection));
  first = runs;
}, 90_000);
afterAll(() => world?.stop());

const streamsOf = (runs: readonly Run[]): readonly RunStream[] =>
  runs.flatMap((run) => run.streams);
const named = (run: Run, stream: string): RunStream => {
  const found = run.streams.find((each) => each.stream === stream);
  if (found === undefined) throw new Error(`The run has no stream ${stream}.`);
  return found;
};
const since = (connection: string, stream: string): Promise<string | null> =>
  world.inTx((tx) => certifiedUpTo(tx, connection, stream));

describe('a first pull of every system', () => {
  test('every stream that a connection chose is read and its certificate closed', async () => {
    const connections = await world.inTx((tx) => listConnections(tx));
    const known = connections.flatMap((each) =>
      chosenStreams(world.deps.registry, each).map(({ name }) => name),
    );

    expect(first.map(({ status }) => status)).toEqual(ALL.map(() => 'succeeded'));
    expect(
      streamsOf(first)
        .map(({ stream }) => stream)
        .toSorted(),
    ).toEqual(known.toSorted());
    expect(streamsOf(first).filter(({ certificate }) => certificate?.closed !== true)).toEqual([]);
  });

  test('what the source counts is what landed, and the sums add up', () => {
    for (const each of streamsOf(first)) {
      const { created, updated, unchanged, superseded, rejected, quarantined } = each;
      const sum = created + updated + unchanged + superseded + rejected + quarantined;

      expect([each.stream, sum]).toEqual([each.stream, each.landed]);
      expect([each.stream, created]).toEqual([each.stream, each.certificate?.sourceCount]);
    }
  });

  test('as many records landed as the systems hold', () => {
    const { salesforce, scim } = world.company.worlds;
    const [crm, , people] = first;
    if (crm === undefined || people === undefined) throw new Error('A run is missing.');

    expect(named(crm, 'Opportunity').landed).toBe(salesforce.objects['Opportunity']?.length);
    expect(named(people, 'Users').landed).toBe(scim.objects['Users']?.length);
  });

  test('every page is mapped and nothing of the sample waits for a person', async () => {
    const waiting = await world.inTx((tx) => listQuarantine(tx, { limit: 10 }));

    expect(streamsOf(first).filter(({ unmappedPages }) => unmappedPages > 0)).toEqual([]);
    expect(waiting).toEqual([]);
  });

  test('a line gets the currency of its opportunity, whichever of the two was read first', async () => {
    const lines = await world.inTx((tx) => factsOf(tx, 'opportunityLine'));

    expect(lines.length).toBeGreaterThan(100);
    expect(lines.filter(({ body }) => body.currency === undefined)).toEqual([]);
  });
});

describe('a second pull', () => {
  test('reads only what may have changed, finds nothing new and closes', async () => {
    const run = await world.pull('crm');

    expect(run.status).toBe('succeeded');
    for (const each of run.streams) {
      expect(each).toMatchObject({ created: 0, updated: 0, certificate: { closed: true } });
      expect(each.window).toMatchObject({ mode: 'incremental' });
    }
  });

  test('a full read of everything finds everything unchanged', async () => {
    const run = await world.pull('erp', { full: true });

    expect(run.status).toBe('succeeded');
    for (const each of run.streams)
      expect([each.stream, each.unchanged]).toEqual([each.stream, each.landed]);
    expect(named(run, 'salesOrder').landed).toBeGreaterThan(50);
  });

  test('a record that is gone at the source closes its facts after a full read', async () => {
    const [group] = await world.twins.scim.records('Groups');
    await world.twins.scim.mutate({
      object: 'Groups',
      operation: 'delete',
      id: textOf(group, 'id'),
    });

    const run = await world.pull('people');
    const facts = await world.inTx((tx) => factsOf(tx, 'userGroup', { connection: 'people' }));

    expect(named(run, 'Groups')).toMatchObject({ updated: 1, certificate: { closed: true } });
    expect(facts.map(({ externalRef }) => externalRef)).not.toContain(group?.['id']);
  });
});

describe('a source that loses a record', () => {
  afterAll(() => world.twins.salesforce.faults());

  test('fails the stream, names the record and leaves the checkpoint where it was', async () => {
    const [account] = await world.twins.salesforce.records('Account');
    const id = textOf(account, 'Id');
    const before = await since('crm', 'Account');
    await world.twins.salesforce.faults({
      action: 'drop_record',
      match: { object: 'Account', id },
    });

    const run = await world.pull('crm', { streams: ['Account', 'Product2'], full: true });

    expect(run.status).toBe('failed');
    expect(named(run, 'Account')).toMatchObject({
      status: 'failed',
      certificate: { closed: false, missingIds: [id] },
      error: { code: 'certificate_open', message: expect.stringContaining(id) },
    });
    expect(named(run, 'Product2').status).toBe('succeeded');
    expect(await since('crm', 'Account')).toBe(before);
  });

  test('keeps the record that we hold already, and closes once the source is whole again', async () => {
    await world.twins.salesforce.faults();

    const run = await world.pull('crm', { streams: ['Account'], full: true });

    expect(named(run, 'Account')).toMatchObject({ status: 'succeeded', updated: 0, created: 0 });
  });

  test('does the same in the ERP', async () => {
    const [order] = await world.twins.netsuite.records('salesOrder');
    const id = textOf(order, 'id');
    await world.twins.netsuite.faults({
      action: 'drop_record',
      match: { object: 'salesOrder', id },
    });

    const run = await world.pull('erp', { streams: ['salesOrder'], full: true });
    await world.twins.netsuite.faults();

    expect(named(run, 'salesOrder')).toMatchObject({
      status: 'failed',
      certificate: { missingIds: [id] },
    });
  });
});

describe('a record that changes while its stream is read', () => {
  test('has left the window, is landed as it is now, and the certificate closes', async () => {
    const [account] = await world.twins.salesforce.records('Account');
    const id = textOf(account, 'Id');
    world.hooks.afterPage = async (stream) => {
      world.hooks.afterPage = async () => undefined;
      const fields = { Name: 'Renamed while read' };
      await world.twins.salesforce.mutate({ object: stream, operation: 'update', id, fields });
    };

    const run = await world.pull('crm', { streams: ['Account'], full: true });
    const [fact] = await world.inTx((tx) =>
      factsOf(tx, 'organization', { connection: 'crm', refs: [id] }),
    );

    expect(named(run, 'Account')).toMatchObject({
      status: 'succeeded',
      certificate: { closed: true, movedOut: 1 },
    });
    expect(fact?.body.legalName).toBe('Renamed while read');
  });
});

describe('a pull that cannot sign in', () => {
  test('F-20: parks each stream with the reason, and no record fails', async () => {
    const [user] = await world.twins.scim.records('Users');
    await world.twins.scim.faults({ action: 'status', status: 401 });
    const before = await world.inTx((tx) =>
      factsOf(tx, 'userAccount', { refs: [textOf(user, 'id')] }),
    );

    const run = await world.pull('people');
    await world.twins.scim.faults();
    const after = await world.inTx((tx) =>
      factsOf(tx, 'userAccount', { refs: [textOf(user, 'id')] }),
    );

    expect(run.status).toBe('parked');
    for (const each of run.streams)
      expect(each).toMatchObject({ status: 'parked', landed: 0, error: { code: 'auth_expired' } });
    expect(after).toEqual(before);
  });
});
