import { describe, expect, test } from '@jest/globals';
import { loadRegistry } from '../src/registry/load-registry.ts';
import type { Lane } from '../src/sdk/define-job.ts';
import type { Flows, JobContext } from '../src/sdk/flows.ts';

interface Expected {
  readonly lane: Lane;
  readonly everySeconds: number | null;
  readonly flow: keyof Flows;
  readonly payload: object;
  /** What the flow receives, where it is not the payload. */
  readonly received?: object;
}

const run = { runId: 'run_1', stream: 'Opportunity' };

/** One row per file of this folder; a file without a row fails below. */
const JOBS: Readonly<Record<string, Expected>> = {
  pull: { lane: 'bulk', everySeconds: null, flow: 'pullStream', payload: run },
  map: { lane: 'bulk', everySeconds: null, flow: 'mapPage', payload: { ...run, pageNumber: 0 } },
  'detect-closed-won': {
    lane: 'interactive',
    everySeconds: 60,
    flow: 'detectClosedWon',
    payload: {},
  },
  'apply-plan': {
    lane: 'interactive',
    everySeconds: null,
    flow: 'applyPlan',
    payload: { planId: 'pln_1' },
  },
  'sync-entitlements': { lane: 'bulk', everySeconds: 300, flow: 'syncEntitlements', payload: {} },
  'sync-renewals': { lane: 'schedule', everySeconds: 86_400, flow: 'syncRenewals', payload: {} },
  reconcile: {
    lane: 'schedule',
    everySeconds: 86_400,
    flow: 'reconcile',
    payload: {},
    received: { reconciliationId: null, asOf: null, knownAt: null },
  },
  'sync-reconciliation': {
    lane: 'bulk',
    everySeconds: null,
    flow: 'syncReconciliation',
    payload: {},
  },
  'watch-incidents': { lane: 'schedule', everySeconds: 60, flow: 'watchIncidents', payload: {} },
  'tend-cycles': { lane: 'schedule', everySeconds: 3_600, flow: 'tendCycles', payload: {} },
  'publish-mapping': {
    lane: 'interactive',
    everySeconds: null,
    flow: 'publishMapping',
    payload: { changeId: 'chg_1' },
  },
  'offer-cancellation': {
    lane: 'interactive',
    everySeconds: null,
    flow: 'offerCancellation',
    payload: { changeId: 'chg_1' },
  },
  'derive-usage': { lane: 'bulk', everySeconds: 60, flow: 'deriveUsage', payload: {} },
  'show-statuses': { lane: 'schedule', everySeconds: 60, flow: 'showStatuses', payload: {} },
  'send-webhooks': { lane: 'schedule', everySeconds: null, flow: 'sendWebhooks', payload: {} },
  deliver: {
    lane: 'interactive',
    everySeconds: null,
    flow: 'deliver',
    payload: { connection: 'crm', object: 'Contract' },
  },
};

const context: JobContext = {
  tenantId: 'acme',
  signal: new AbortController().signal,
  hold: () => Promise.resolve(),
};

/** Flows that note how they were called. */
function noting() {
  const calls: (readonly [flow: string, context: JobContext, payload: unknown])[] = [];
  const note = (flow: keyof Flows) => async (given: JobContext, payload?: unknown) => {
    calls.push([flow, given, payload]);
  };
  const flows: Flows = {
    pullStream: note('pullStream'),
    startScheduledPull: note('startScheduledPull'),
    mapPage: note('mapPage'),
    detectClosedWon: note('detectClosedWon'),
    applyPlan: note('applyPlan'),
    syncEntitlements: note('syncEntitlements'),
    syncRenewals: note('syncRenewals'),
    reconcile: note('reconcile'),
    syncReconciliation: note('syncReconciliation'),
    tendCycles: note('tendCycles'),
    deriveUsage: note('deriveUsage'),
    publishMapping: note('publishMapping'),
    offerCancellation: note('offerCancellation'),
    showStatuses: note('showStatuses'),
    sendWebhooks: note('sendWebhooks'),
    watchIncidents: note('watchIncidents'),
    deliver: note('deliver'),
  };
  return { flows, calls };
}

const { jobs } = await loadRegistry();

const jobNamed = (name: string) => {
  const job = jobs.get(name);
  if (job === undefined) throw new Error(`There is no job ${name}.`);
  return job;
};

test('a pull that its schedule started opens a run of its connection', async () => {
  const { flows, calls } = noting();
  const job = jobNamed('pull');

  await job.run(flows, job.payload.parse({ connection: 'crm' }), context);

  expect(calls).toEqual([['startScheduledPull', context, { connection: 'crm' }]]);
});

test('the folder holds the jobs that are known here, and no others', () => {
  expect([...jobs.keys()].toSorted()).toEqual(Object.keys(JOBS).toSorted());
});

describe.each(Object.entries(JOBS))('the job %s', (name, expected) => {
  test('runs in its lane, comes as often as it should, and is tried more than once', () => {
    const { lane, everySeconds, retry } = jobNamed(name);

    expect({ lane, everySeconds }).toEqual({
      lane: expected.lane,
      everySeconds: expected.everySeconds,
    });
    expect(retry.attempts).toBeGreaterThan(1);
    expect(retry.backoffMs).toBeGreaterThan(0);
  });

  test('calls one flow, once, under its lease and with its payload', async () => {
    const { flows, calls } = noting();
    const job = jobNamed(name);

    await job.run(flows, job.payload.parse(expected.payload), context);

    const received = expected.received ?? expected.payload;
    expect(calls).toHaveLength(1);
    expect(calls[0]?.[0]).toBe(expected.flow);
    expect(calls[0]?.[1]).toBe(context);
    expect(calls[0]?.[2] ?? {}).toEqual(received);
  });

  test('refuses a payload that carries more than its ids', () => {
    const { payload } = jobNamed(name);

    expect(payload.safeParse({ ...expected.payload, amount: '12.00' }).success).toBe(false);
  });

  test('fails when its flow fails, so that the outbox learns of it', async () => {
    const job = jobNamed(name);
    const failing = { ...noting().flows, [expected.flow]: () => Promise.reject(new Error('no')) };

    const running = async () =>
      await job.run(failing, job.payload.parse(expected.payload), context);

    await expect(running()).rejects.toThrow('no');
  });
});
