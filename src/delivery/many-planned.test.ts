import { afterAll, beforeAll, expect, test } from '@jest/globals';
import * as z from 'zod';
import { testStore, type TestStore } from '../../test/support/database.ts';
import type { TenantTx } from '../db/store.ts';
import { leasePlanned } from './dispatch.ts';
import { proposeIntents } from './intents.ts';

// After an outage: many records that nothing was sent of, in a store that has counted none of them yet.

const TARGET = { connection: 'erp', object: 'salesOrder' };
const LIMITS = { batch: 20, leaseSeconds: 60 };
const WAITING = 3_000;

let db: TestStore;

beforeAll(async () => {
  db = await testStore();
  const effects = Array.from({ length: WAITING }, (_, n) => ({
    ...TARGET,
    canonicalId: `deal:${n}`,
    vendorId: null,
    fields: { memo: `Deal ${n}` },
  }));
  await db.store.withTenant(db.tenantId, (tx) => proposeIntents(tx, effects));
}, 90_000);
afterAll(() => db?.close());

const Step: z.ZodType<Step> = z.looseObject({
  'Index Name': z.string().optional(),
  'Actual Rows': z.number(),
  'Actual Loops': z.number(),
  get Plans() {
    return z.array(Step).optional();
  },
});
interface Step {
  readonly 'Index Name'?: string | undefined;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly Plans?: readonly Step[] | undefined;
}

/** How many rows each index of intents gave while one batch was taken. */
async function rowsRead(tx: TenantTx): Promise<Readonly<Record<string, number>>> {
  const asked: Parameters<TenantTx['sql']>[] = [];
  const noting: TenantTx = {
    ...tx,
    sql: (text, params) => {
      asked.push([text, params]);
      return Promise.resolve([]);
    },
  };
  await leasePlanned(noting, TARGET, LIMITS);
  const [text = '', params] = asked.at(-1) ?? [];
  const [row] = await tx.sql<{ 'QUERY PLAN': unknown }>(
    `explain (analyze, format json) ${text}`,
    params,
  );
  const [plan] = z.array(z.object({ Plan: Step })).parse(row?.['QUERY PLAN']);
  const read: Record<string, number> = {};
  const walk = (step: Step): void => {
    const index = step['Index Name'];
    if (index !== undefined)
      read[index] = (read[index] ?? 0) + step['Actual Rows'] * step['Actual Loops'];
    step.Plans?.forEach(walk);
  };
  if (plan !== undefined) walk(plan.Plan);
  return read;
}

test('F-16: taking a batch reads the batch, and not all that waits', async () => {
  const read = await db.store.withTenant(db.tenantId, rowsRead);

  expect(read['intent_planned']).toBe(LIMITS.batch);
  expect(Object.values(read).reduce((sum, rows) => sum + rows, 0)).toBeLessThan(10 * LIMITS.batch);
});
