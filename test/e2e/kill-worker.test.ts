import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import * as z from 'zod';
import type { JsonObject } from '../../src/kernel/hash.ts';
import {
  isRunning,
  makeCliHome,
  waitFor,
  type CliHome,
  type HomeProcesses,
} from '../support/cli.ts';
import { textOf } from '../support/company-twins.ts';
import { addArguments, startTwin, type TwinProcess } from '../support/twin-process.ts';

// The worker dies without a word (kill -9) at every moment of an apply. Each case is a deal of its own.

const SEED = 4;
const POLICY = {
  approval: {
    autoApproveUpTo: [
      { amount: '1000000.00', currency: 'USD' },
      { amount: '1000000.00', currency: 'EUR' },
    ],
  },
};
const Intent = z.object({
  connection: z.string(),
  object: z.string(),
  externalId: z.string(),
  state: z.string(),
  readBack: z.boolean(),
});
type Intent = z.infer<typeof Intent>;
const Plan = z.object({
  id: z.string(),
  subject: z.string(),
  status: z.string(),
  body: z.object({ opportunity: z.object({ ref: z.string() }) }),
});
type Plan = z.infer<typeof Plan>;
const Entitlement = z.object({ externalRef: z.string(), status: z.string() });
const Page = z.object({ data: z.array(z.unknown()) });

/** Every kind of moment: nothing sent; sent and not yet applied; applied and not yet answered; one of two written. */
const MOMENTS: readonly {
  readonly name: string;
  readonly crm?: JsonObject;
  readonly erp?: JsonObject;
  /** The write under way when the worker dies; none: the plan is applied, and nothing may be written yet. */
  readonly dying: 'salesOrder' | 'Contract' | null;
}[] = [
  { name: 'before anything is sent', dying: null },
  {
    name: 'while the order is on its way and not yet in the ERP',
    erp: {
      match: { method: 'PUT', path: '/salesOrder/' },
      action: 'delay',
      delayMs: 4_000,
      times: 1,
    },
    dying: 'salesOrder',
  },
  {
    name: 'when the order is in the ERP and its answer has not come',
    erp: { match: { method: 'PUT', path: '/salesOrder/' }, action: 'apply_then_hang', times: 1 },
    dying: 'salesOrder',
  },
  {
    name: 'after the order and during the contract',
    crm: {
      match: { method: 'PATCH', path: '/Contract/' },
      action: 'delay',
      delayMs: 4_000,
      times: 1,
    },
    dying: 'Contract',
  },
];

let home: CliHome;
let crm: TwinProcess;
let erp: TwinProcess;
let deals: readonly string[];
let server: { readonly url: string; readonly key: string };

beforeAll(async () => {
  home = await makeCliHome({ TRUEUP_TODAY: '2026-03-02' });
  [crm, erp] = await Promise.all([startTwin('salesforce', SEED), startTwin('netsuite', SEED)]);
  for (const twin of [crm, erp]) {
    const { config, secrets } = twin.credentials;
    const added = { connector: twin.system, name: twin.system, config, secrets };
    await home.json(await addArguments(home, added), z.unknown());
  }
  await Promise.all(
    [crm, erp].map(({ system }) => home.json(['pull', system], z.object({ run: z.string() }))),
  );
  const settings = join(home.desk, 'settings.json');
  await writeFile(settings, JSON.stringify(POLICY));
  await home.json(['settings', 'set', settings], z.unknown());
  await setWrites('enable-writes');
  server = { url: (await home.processes()).url, key: await home.adminKey() };
  await allMapped();
  deals = await plainDeals();
}, 180_000);
afterAll(async () => {
  await Promise.all([home.stop(), crm?.stop(), erp?.stop()]);
}, 60_000);

/** The API itself: it is asked many times a second, which a process for each question could not do. */
async function list<T>(path: string, shape: z.ZodType<T>): Promise<readonly T[]> {
  const response = await fetch(`${server.url}/api/v1${path}`, {
    headers: { authorization: `Bearer ${server.key}` },
  });
  if (!response.ok) throw new Error(`${path} answered ${response.status}.`);
  return z.array(shape).parse(Page.parse(await response.json()).data);
}

async function allMapped(): Promise<void> {
  const Waiting = z.object({ streams: z.array(z.object({ unmappedPages: z.number() })) });
  await waitFor('every page to be mapped', async () => {
    const runs = await list('/runs', Waiting);
    const open = runs.flatMap(({ streams }) => streams).some((each) => each.unmappedPages > 0);
    return open ? undefined : true;
  });
}

/** Open deals of customers that the ERP knows, in a currency that needs no person. */
async function plainDeals(): Promise<readonly string[]> {
  const customers = new Set((await erp.records('customer')).map((each) => each['externalId']));
  return (await crm.records('Opportunity'))
    .filter((each) => each['StageName'] === 'Negotiation/Review')
    .filter((each) => each['CurrencyIsoCode'] === 'USD' || each['CurrencyIsoCode'] === 'EUR')
    .filter((each) => customers.has(each['AccountId'] ?? null))
    .map((each) => textOf(each, 'Id'));
}

const plansOf = async (deal: string): Promise<readonly Plan[]> =>
  (await list('/plans?limit=50', Plan)).filter((plan) => plan.body.opportunity.ref === deal);

async function win(deal: string): Promise<Plan> {
  await crm.update('Opportunity', deal, { StageName: 'Closed Won' });
  await home.json(['pull', 'salesforce'], z.unknown());
  return waitFor(`a plan of ${deal}`, async () => {
    const [plan] = await plansOf(deal);
    return plan !== undefined && ['applying', 'applied', 'waiting', 'blocked'].includes(plan.status)
      ? plan
      : undefined;
  });
}

const intentsOf = (plan: Plan): Promise<readonly Intent[]> =>
  list(`/intents?plan=${plan.id}&limit=50`, Intent);

/**
 * Ends the worker as a crash would, in the moment when this object's write is under way. The other one is settled by
 * then: its system is quick.
 */
async function killDuring(plan: Plan, dying: string | null): Promise<HomeProcesses> {
  const before = await home.processes();
  const isMoment = ({ object, state, readBack }: Intent): boolean =>
    object === dying ? state === 'SENT' : state === 'APPLIED' && readBack;
  if (dying !== null)
    await waitFor(
      `${dying} alone to be under way`,
      async () => {
        const intents = await intentsOf(plan);
        if (intents.length === 0 || !intents.every(isMoment)) return undefined;
        // What dies before its call is at the vendor waits out its lease, which is longer than this test.
        const fired = await (dying === 'salesOrder' ? erp : crm).firings();
        return fired.some((times) => times > 0) ? true : undefined;
      },
      30,
    );
  process.kill(before.workerPid, 'SIGKILL');
  await waitFor('the worker to be gone', async () =>
    isRunning(before.workerPid) ? undefined : true,
  );
  return before;
}

async function setWrites(verb: 'disable-writes' | 'enable-writes'): Promise<void> {
  for (const { system } of [crm, erp]) await home.json(['connections', verb, system], z.unknown());
}

const creates = async (twin: TwinProcess, object: string, externalId: string): Promise<number> =>
  (await twin.oracle()).filter(
    (each) =>
      each.object === object && each.externalId === externalId && each.operation === 'create',
  ).length;

test.each(MOMENTS.map((moment, at) => ({ ...moment, at })))(
  'kill -9 of the worker $name: one order, one contract, no lost step',
  async ({ crm: crmFault, erp: erpFault, dying, at }) => {
    const deal = deals[at] ?? '';
    // A write that the dying worker had sent and that never arrived would wait out its lease, which is longer than this test.
    if (dying === null) await setWrites('disable-writes');
    await erp.faults(...(erpFault === undefined ? [] : [erpFault]));
    await crm.faults(...(crmFault === undefined ? [] : [crmFault]));

    const plan = await win(deal);
    expect(plan.status).toBe('applying');
    const before = await killDuring(plan, dying);
    const restarted = await home.run(['plans', 'show', plan.id, '--json']);
    const after = await home.processes();
    if (dying === null) await setWrites('enable-writes');
    await waitFor(
      `plan ${plan.id} to be applied`,
      async () => ((await plansOf(deal))[0]?.status === 'applied' ? true : undefined),
      90,
    );

    expect([restarted.code, restarted.err]).toEqual([0, expect.stringContaining('worker')]);
    expect({ ...after, workerPid: 0 }).toEqual({ ...before, workerPid: 0 });
    expect(after.workerPid).not.toBe(before.workerPid);
    const intents = await intentsOf(plan);
    expect(intents.map(({ object }) => object).toSorted()).toEqual(['Contract', 'salesOrder']);
    for (const { object, externalId, ...intent } of intents) {
      const twin = object === 'salesOrder' ? erp : crm;
      expect(intent).toMatchObject({ state: 'APPLIED', readBack: true });
      expect([object, await creates(twin, object, externalId)]).toEqual([object, 1]);
    }
    const rights = await list(
      `/entitlements?deal=${encodeURIComponent(plan.subject)}`,
      Entitlement,
    );
    expect(rights.length).toBeGreaterThan(0);
    expect(new Set(rights.map(({ status }) => status))).toEqual(new Set(['draft']));
  },
  150_000,
);

test('after all of it nothing is open, and no record was made twice', async () => {
  const open = await waitFor('every intent to be settled', async () => {
    const intents = await list('/intents?limit=200', Intent);
    return intents.every(({ state }) => state === 'APPLIED') ? intents : undefined;
  }, 60); // prettier-ignore

  expect(open.length).toBeGreaterThanOrEqual(MOMENTS.length * 2);
  for (const twin of [crm, erp]) {
    const made = (await twin.oracle())
      .filter(({ operation, externalId }) => operation === 'create' && externalId !== null)
      .map(({ object, externalId }) => `${object} ${externalId}`);
    expect(made.filter((each, at) => made.indexOf(each) !== at)).toEqual([]);
  }
}, 90_000);
