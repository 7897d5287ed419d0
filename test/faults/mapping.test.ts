import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Builtins } from '../../src/mapping/builtin.ts';
import { textOf } from '../support/company-twins.ts';
import { startHarness, type Harness } from '../support/flow-harness.ts';
import { subjectOf } from './harness-subject.ts';
import { violations } from './i1-to-i8.ts';

// What cannot be brought about from outside runs in this process: the whole program over real twins and a real store,
// without its edges. I1 to I8 are checked after each case.

let h: Harness;
beforeAll(async () => {
  h = await startHarness();
}, 60_000);
afterAll(() => h?.stop());

async function factsOf(noun: string): Promise<ReadonlySet<string>> {
  const rows = await h.inTx((tx) =>
    tx.sql<{ ref: string }>(
      `select f.external_ref as ref from fact f where f.noun = $1 and f.recorded_to = 'infinity'`,
      [noun],
    ),
  );
  return new Set(rows.map(({ ref }) => ref));
}

const waiting = () =>
  h.inTx((tx) =>
    tx.sql<{ id: string; code: string }>(
      `select q.record_id as id, q.code from quarantine q where q.status = 'open'`,
    ),
  );

test('F-44: lines that come before their deals wait for them, and nothing has failed', async () => {
  const lines = (await h.twins.salesforce.records('OpportunityLineItem')).length;

  const early = await h.pull('crm', { streams: ['OpportunityLineItem'] });
  await h.pull('crm', { streams: ['Opportunity', 'OpportunityStage', 'Product2', 'Account'] });

  expect(early.status).toBe('succeeded');
  expect((await factsOf('opportunityLine')).size).toBe(lines);
  expect(await waiting()).toEqual([]);
  expect(await violations(subjectOf(h, ['OpportunityLineItem', 'Opportunity']))).toEqual([]);
}, 120_000);

/** The shipped mappings, with one that throws what no mapping should at a record of this id. */
function breakingAt(id: string, mappings: Builtins): Builtins {
  return {
    ...mappings,
    plan: (mapping) => {
      const plan = mappings.plan(mapping);
      if (plan.kind !== 'inbound') return plan;
      const mapRecord: typeof plan.mapRecord = (record, context) => {
        if (record.id === id) throw new TypeError('Cannot read properties of undefined');
        return plan.mapRecord(record, context);
      };
      return { ...plan, mapRecord };
    },
  };
}

test('F-12: a record that breaks whoever maps it ends in quarantine; all others of its page are mapped, and work goes on', async () => {
  const accounts = (await h.twins.salesforce.records('Account')).map((each) => textOf(each, 'Id'));
  const [poison = '', ...others] = accounts;
  for (const id of [poison, ...others.slice(0, 5)])
    await h.twins.salesforce.mutate({ object: 'Account', operation: 'update', id, fields: { Name: `Poisoned page ${id}` } }); // prettier-ignore
  const { mappings } = h.deps;
  Object.assign(h.deps, { mappings: breakingAt(poison, mappings) });

  const run = await h.pull('crm', { streams: ['Account'], skipWaits: true });
  for (let turn = 0; turn < 20; turn += 1) await h.drain({ skipWaits: true });
  Object.assign(h.deps, { mappings });

  expect(run.status).toBe('succeeded');
  // Once for each mapping that reads it.
  expect(new Set((await waiting()).map(({ id, code }) => `${id} ${code}`))).toEqual(
    new Set([`${poison} mapping_breaks`]),
  );
  const mapped = await h.inTx((tx) =>
    tx.sql<{ n: number }>(
      `select count(*)::int as n from fact f where f.noun = 'organization' and f.recorded_to = 'infinity'
         and f.body ->> 'legalName' like 'Poisoned page%'`,
    ),
  );
  expect(mapped).toEqual([{ n: 5 }]);
  expect(await violations(subjectOf(h, ['Account']))).toEqual([]);
}, 120_000);
