import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import * as z from 'zod';
import { addDays } from '../../../src/kernel/dates.ts';
import type { JsonObject } from '../../../src/kernel/hash.ts';
import { generateCompany } from '../../../src/sample/company.ts';
import { makeCliHome, waitFor, type CliHome } from '../../support/cli.ts';
import { textOf } from '../../support/company-twins.ts';
import { testStore, type TestStore } from '../../support/database.ts';
import { addArguments, startTwin, type TwinProcess } from '../../support/twin-process.ts';
import { violations } from '../i1-to-i8.ts';
import { canaryOf } from '../program.ts';
import { WATCHED } from '../watched-stream.ts';

// Deals that are won while nobody reads the CRM for weeks; processes of their own, I1 to I8 after each case.

const LIMIT_MS = 180_000;
const SEED = 4;
const WON_ON = '2026-03-02';
const DAYS_LATE = 46;
/** A policy that would let everything through. */
const POLICY = {
  approval: {
    autoApproveUpTo: ['USD', 'EUR', 'GBP', 'JPY'].map((currency) => ({
      amount: '1000000000',
      currency,
    })),
  },
};
const Plan = z.object({
  id: z.string(),
  hash: z.string(),
  status: z.string(),
  decision: z.string().nullable(),
  approvedBy: z.string().nullable(),
  body: z.object({
    opportunity: z.object({ ref: z.string() }),
    problems: z.array(z.unknown()),
    late: z.object({ days: z.number() }).optional(),
    review: z.object({ standing: z.array(z.object({ orderRef: z.string() })) }).optional(),
    notes: z.array(z.string()),
  }),
});
type Plan = z.infer<typeof Plan>;
const Page = z.object({ data: z.array(Plan) });

const company = generateCompany(SEED);
const renewed = company.deals.toClose;

let db: TestStore;
let home: CliHome;
let crm: TwinProcess;
let erp: TwinProcess;
/** Won in the same weeks, with nothing in the ERP that stands for it as far as anybody knows. */
let others: readonly string[];
let orderByHand: string;

beforeAll(async () => {
  db = await testStore();
  home = await makeCliHome({ TRUEUP_TODAY: WON_ON, DATABASE_URL: db.url });
  [crm, erp] = await Promise.all([startTwin('salesforce', SEED), startTwin('netsuite', SEED)]);
  for (const { system, credentials } of [crm, erp]) {
    const added = { connector: system, name: system, ...credentials };
    await home.json(await addArguments(home, added), z.unknown());
    await home.json(['pull', system], z.unknown());
  }
  const settings = join(home.desk, 'settings.json');
  await writeFile(settings, JSON.stringify(POLICY));
  await home.json(['settings', 'set', settings], z.unknown());
  for (const { system } of [crm, erp])
    await home.json(['connections', 'enable-writes', system], z.unknown());
  await allMapped();
  await weeksGoBy();
}, 300_000);
afterAll(async () => {
  await Promise.all([home?.stop(), crm?.stop(), erp?.stop()]);
  await db?.close();
}, 60_000);
afterEach(async () => {
  await read();
  const problems = [...(await violationsOf(crm, 'Opportunity')), ...(await violationsOf(erp, 'customer'))]; // prettier-ignore
  if (problems.length > 0) throw new Error(problems.join('\n'));
}, 240_000);

function violationsOf(twin: TwinProcess, stream: string): Promise<readonly string[]> {
  const system = twin.system === 'salesforce' ? 'salesforce' : 'netsuite';
  return violations({
    store: db.store,
    tenantId: 'default',
    connection: twin.system,
    watched: [WATCHED[system](stream)],
    twin,
    canaries: Object.values(twin.credentials.secrets).map(canaryOf),
    folder: home.folder,
    said: [],
    verifyAudit: async () => {
      const { code, err } = await home.run(['audit', 'verify']);
      return code === 0 ? null : `audit verify ended with ${code}: ${err}`;
    },
  });
}

async function allMapped(): Promise<void> {
  await waitFor('every page to be mapped, and all that follows', async () => {
    const open = await db.store.readTenant('default', (tx) =>
      tx.sql(
        `select from run_page p where p.mapped_at is null
         union all select from outbox w where w.job in ('map', 'detect-closed-won', 'sync-entitlements') and w.not_before < app.clock() + interval '1 minute'`,
      ),
    );
    return open.length === 0 ? true : undefined;
  }); // prettier-ignore
}

/** Deals are won and one is brought about by hand in the ERP, while the program stands still. */
async function weeksGoBy(): Promise<void> {
  const customers = new Set((await erp.records('customer')).map((each) => each['externalId']));
  others = (await crm.records('Opportunity'))
    .filter((each) => each['StageName'] === 'Negotiation/Review')
    .filter((each) => customers.has(each['AccountId'] ?? null))
    .map((each) => textOf(each, 'Id'))
    .filter((id) => id !== renewed.opportunityId);
  await home.run(['down']);
  for (const id of [renewed.opportunityId, ...others])
    await crm.update('Opportunity', id, { StageName: 'Closed Won', CloseDate: WON_ON });
  orderByHand = await enterOrder();
  await home.run(['status'], { TRUEUP_TODAY: addDays(WON_ON, DAYS_LATE) });
  await read();
}

async function enterOrder(): Promise<string> {
  const known = new Set((await erp.records('salesOrder')).map((each) => each['id']));
  const items = new Map((await erp.records('item')).map((item) => [item['itemId'], item['id'] ?? ''])); // prettier-ignore
  const customers = await erp.records('customer');
  const customer = customers.find((each) => each['id'] === renewed.customerId);
  const lines: readonly JsonObject[] = renewed.lines.map((line) => ({
    item: { id: items.get(line.sku) ?? '' },
    quantity: line.quantity,
    rate: line.unitPrice,
    custcol_trueup_service_start: line.serviceFrom,
    custcol_trueup_service_end: line.serviceTo,
  }));
  const fields = {
    entity: { id: renewed.customerId },
    subsidiary: customer?.['subsidiary'] ?? null,
    currency: customer?.['currency'] ?? null,
    tranDate: WON_ON,
    orderStatus: { id: 'B' },
    item: { items: lines },
  };
  await erp.post('mutate', { object: 'salesOrder', operation: 'create', fields });
  const made = (await erp.records('salesOrder')).find((each) => !known.has(each['id']));
  return textOf(made, 'id');
}

/** Reads both systems, the ERP first, and lets all that follows come to its end. */
async function read(): Promise<void> {
  for (const twin of [erp, crm]) {
    // A window waits while its last second has changes in it; the clock moves on instead.
    await twin.post('clock', { advanceSeconds: 2 });
    await home.json(['pull', twin.system], z.unknown());
    await allMapped();
  }
}

/** Orders and contracts that we wrote, by what was done. */
const writes = async (): Promise<readonly string[]> =>
  [...(await erp.oracle()), ...(await crm.oracle())]
    .filter(
      ({ object, intentId }) => intentId !== null && ['salesOrder', 'Contract'].includes(object),
    ) // prettier-ignore
    .map(({ object, operation }) => `${operation} ${object}`);

async function planOf(deal: string): Promise<Plan> {
  const { data } = Page.parse(await listed());
  const plan = data.find((each) => each.body.opportunity.ref === deal);
  if (plan === undefined) throw new Error(`Deal ${deal} has no plan.`);
  return plan;
}

async function listed(): Promise<unknown> {
  const { url } = await home.processes();
  const headers = { authorization: `Bearer ${await home.adminKey()}` };
  return (await fetch(`${url}/api/v1/plans?limit=200`, { headers })).json();
}

test('F-45: a deal 46 days late whose customer holds the rights already waits for a decision, and as the renewal it writes nothing', async () => {
  const plan = await planOf(renewed.opportunityId);
  const shown = await home.run(['plans', 'show', plan.id]);
  const approving = await home.run(['plans', 'approve', plan.id, '--hash', plan.hash]);
  const before = await writes();
  const decided = await home.json(['plans', 'decide', plan.id, '--as', 'renewal', '--hash', plan.hash], Plan);
  await read();

  expect(plan).toMatchObject({ status: 'review', approvedBy: null, body: { late: { days: DAYS_LATE } } });
  expect(plan.body.review?.standing.map(({ orderRef }) => orderRef)).toContain(orderByHand);
  expect(shown.out).toContain(`${DAYS_LATE} days`);
  expect(approving.code).not.toBe(0);
  expect(before).toEqual([]);
  expect(decided).toMatchObject({ status: 'linked', decision: 'renewal' });
  expect(await planOf(renewed.opportunityId)).toMatchObject({ id: plan.id, status: 'linked' });
  expect(await writes()).toEqual([]);
  expect((await home.run(['audit', 'list', '--limit', '200', '--json'])).out).toContain('plan.decided');
}, LIMIT_MS); // prettier-ignore

test('F-45: a deal 46 days late with nothing in its place is planned and marked, and only a person approves it', async () => {
  const plans = await Promise.all(others.map(planOf));
  const plain = plans.find((plan) => plan.status === 'waiting');
  if (plain === undefined) throw new Error('No late deal waits for an approval.');

  await home.json(['plans', 'approve', plain.id, '--hash', plain.hash, '--apply'], z.unknown());
  await waitFor('the plan to be applied', async () =>
    (await planOf(plain.body.opportunity.ref)).status === 'applied' ? true : undefined,
  );

  const marked = plans.filter((plan) => plan.body.problems.length === 0);
  expect(marked.map(({ body }) => body.late?.days)).toEqual(marked.map(() => DAYS_LATE));
  expect(marked.filter((plan) => plan.approvedBy !== null)).toEqual([]);
  expect((await writes()).toSorted()).toEqual(['create Contract', 'create salesOrder']);
}, LIMIT_MS); // prettier-ignore

test('F-50: what was written comes back from both sides, and starts no plan and no second write', async () => {
  const plans = async () => Page.parse(await listed()).data.map(({ id, hash, status }) => [id, hash, status]);
  const before = [await writes(), await plans()];

  await read();
  await read();

  expect(before[0]?.length).toBeGreaterThan(0);
  expect([await writes(), await plans()]).toEqual(before);
}, LIMIT_MS); // prettier-ignore
