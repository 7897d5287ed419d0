import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { Effect } from '../../../src/delivery/effect.ts';
import type { JsonObject } from '../../../src/kernel/hash.ts';
import { effectStream, type EffectStream, type Kind } from '../../kills/effects.ts';
import { startRig, type Rig } from '../../kills/rig.ts';
import type { WorkerProcess } from '../../kills/worker-process.ts';
import { createSeeded } from '../../sim/seeded.ts';
import { waitFor } from '../../support/cli.ts';
import { startQueueServer, type QueueServer } from '../backends.ts';
import { endsWell, intentsOf, oracleOf, type Expected } from '../rig-invariants.ts';

// What vendors answer to writes, or do not: a real worker over real twins, I1 to I8 after each case.

const SEED = 14;
const LIMIT_MS = 420_000;
/** Longer than a call may take (`timeoutMs` of the connectors), on a machine that is busy. */
const HANGING_SECONDS = 360;

let rig: Rig;
let stream: EffectStream;
let queue: QueueServer;
let worker: WorkerProcess;
let expected: Expected = {};
beforeAll(async () => {
  queue = await startQueueServer('PostgreSQL');
  rig = await startRig({ tenants: 4, seed: SEED, env: queue.env });
  stream = effectStream(rig, createSeeded(SEED));
  worker = await rig.startWorker();
}, LIMIT_MS);
afterEach(async () => {
  await Promise.all([rig.crm.faults(), rig.erp.faults()]);
  await endsWell(rig, queue, expected);
}, LIMIT_MS);
afterAll(async () => {
  await worker?.kill();
  await rig?.stop();
}, LIMIT_MS);

const CALLS = [
  { method: 'POST', path: '/services/data' },
  { method: 'PATCH', path: '/services/data' },
  { method: 'PUT', path: 'salesOrder' },
] as const;
/** The first writing call of each kind meets this. */
const onWrites = async (rule: JsonObject): Promise<void> => {
  const rules = CALLS.map((match) => ({ ...rule, match, nth: 1 }));
  await Promise.all([rig.crm.faults(...rules), rig.erp.faults(...rules)]);
};
const firings = async (): Promise<number> => {
  const each = [rig.crm, rig.erp].map(async ({ running }) => (await (await fetch(`${running.control}/firings`)).json()) as readonly number[]); // prettier-ignore
  return (await Promise.all(each)).flat().reduce((sum, n) => sum + n, 0);
};
const stateOf = async (tenantId: string, canonicalId: string) =>
  (await intentsOf(rig)).filter((row) => row.tenantId === tenantId && row.canonicalId === canonicalId).at(-1); // prettier-ignore
const isIn = (tenantId: string, canonicalId: string, ...states: readonly string[]) =>
  waitFor(`${canonicalId} to be ${states.join(' or ')}`, async () => {
    const row = await stateOf(tenantId, canonicalId);
    return row !== undefined && states.includes(row.state) ? row : undefined;
  }, HANGING_SECONDS); // prettier-ignore

async function one(tenantId: string, kind: Kind): Promise<Effect> {
  const [effect] = stream.next(tenantId, kind);
  if (effect === undefined) throw new Error('There is no effect.');
  return effect;
}

test('F-13: what was applied and whose answer was lost is found by reading back, and is there once', async () => {
  await onWrites({ action: 'apply_then_reset' });
  const before = (await oracleOf(rig)).length;
  for (const tenantId of rig.tenants)
    for (const kind of ['create', 'upsert', 'update', 'create'] as const)
      await rig.propose(tenantId, stream.next(tenantId, kind));

  await endsWell(rig, queue);

  expect(await firings()).toBeGreaterThanOrEqual(2);
  expect((await oracleOf(rig)).length).toBeGreaterThan(before);
}, LIMIT_MS); // prettier-ignore

test('F-14: where somebody changed the record before it was read back, theirs stays and a conflict says so', async () => {
  const [tenantId = ''] = rig.tenants;
  const effect = await one(tenantId, 'update');
  const id = effect.vendorId ?? '';
  await rig.crm.faults({ action: 'apply_then_reset', match: { method: 'PATCH', path: '/services/data' }, nth: 1 });

  await rig.propose(tenantId, [effect]);
  await isIn(tenantId, effect.canonicalId, 'UNKNOWN');
  await rig.crm.advance(5);
  await rig.crm.mutate({ object: 'Account', operation: 'update', id, fields: { Trueup_Open_Findings__c: 777 } });
  await rig.endLeases();
  const ended = await isIn(tenantId, effect.canonicalId, 'CONFLICT', 'APPLIED', 'QUARANTINED');
  expected = { refused: [ended.id], changed: [id] };

  const now = (await rig.crm.records('Account')).find((each) => each['Id'] === id);
  expect([ended.state, now?.['Trueup_Open_Findings__c']]).toEqual(['CONFLICT', 777]);
  expect(await rig.rows(`select from conflict where tenant_id = $1 and state = 'open'`, [tenantId])).toHaveLength(1);
}, LIMIT_MS); // prettier-ignore

test('F-15: a vendor that never answers is given up at the limit; what it did is found, and nothing is sent twice', async () => {
  const [, tenantId = ''] = rig.tenants;
  const effects = [await one(tenantId, 'create'), await one(tenantId, 'create')];
  await onWrites({ action: 'apply_then_hang' });

  await rig.propose(tenantId, effects);
  for (const { canonicalId } of effects) await isIn(tenantId, canonicalId, 'UNKNOWN', 'APPLIED');

  const errors = await rig.rows<{ error: string }>(`select error::text as error from intent where state = 'UNKNOWN'`);
  expect(await firings()).toBeGreaterThanOrEqual(1);
  expect(errors.length).toBeGreaterThanOrEqual(1);
}, LIMIT_MS); // prettier-ignore

test('F-23: of 200 in one call one is refused: it waits with the code of the vendor, and the 199 are never sent again', async () => {
  const [, , tenantId = ''] = rig.tenants;
  const effects = Array.from({ length: 8 }, () => stream.next(tenantId, 'collection')).flat();
  await rig.crm.faults({ action: 'partial', match: { object: 'Asset' }, nth: 7 });
  const before = (await rig.crm.oracle()).length;

  await rig.propose(tenantId, effects);
  const refused = await waitFor('one to be refused and all others to be shown', async () => {
    const rows = (await intentsOf(rig)).filter((row) => row.tenantId === tenantId && row.object === 'Asset');
    const waits = rows.filter(({ state }) => state === 'QUARANTINED');
    return rows.filter(({ readBack }) => readBack).length === 199 && waits.length === 1 ? waits[0] : undefined;
  }, 120);
  await delay(3_000);
  const seen = (await rig.crm.oracle()).slice(before).filter(({ object }) => object === 'Asset');
  expected = { ...expected, refused: [...(expected.refused ?? []), refused.id] };

  expect(effects).toHaveLength(200);
  expect(seen).toHaveLength(199);
  expect(refused.error).toContain('FIELD_CUSTOM_VALIDATION_EXCEPTION');
}, LIMIT_MS); // prettier-ignore

test('F-53: deadlocks with another writer are run again, and nobody hears of them', async () => {
  const deadlocks = async () => (await rig.rows<{ n: number }>(`select deadlocks::int as n from pg_stat_database where datname = current_database()`))[0]?.n ?? 0; // prettier-ignore
  const before = await deadlocks();
  const [tenantId = ''] = rig.tenants;
  const seen = (await intentsOf(rig)).length;
  let met = before;
  await rig.crm.faults({ action: 'delay', delayMs: 200 });
  for (let round = 0; round < 8 && met < before + 2; round += 1) {
    for (const each of rig.tenants) await rig.propose(each, stream.next(each, 'collection'));
    // Intents before their work, while a delivery takes its work before its intents: whoever waits first is given up.
    await rig.db.force(
      `do $$ begin
         for turn in 1 .. 400 loop
           perform from intent where tenant_id = '${tenantId}' and state = 'SENT' for update;
           if found then
             perform pg_sleep(0.6);
             perform from outbox where tenant_id = '${tenantId}' for update;
             exit;
           end if;
           perform pg_sleep(0.02);
         end loop;
       end $$`,
    ).catch(() => undefined);
    met = await deadlocks();
  }

  await endsWell(rig, queue, expected);

  expect(met).toBeGreaterThan(before);
  expect((await intentsOf(rig)).length).toBeGreaterThan(seen);
  const failed = await rig.rows(`select from outbox where attempts > 0 and last_error like '%deadlock%'`);
  expect(failed).toEqual([]);
}, LIMIT_MS); // prettier-ignore
