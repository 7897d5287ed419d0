import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import {
  heldTogether,
  isRunning,
  makeCliHome,
  type CliHome,
  type CliResult,
  type HomeProcesses,
} from '../support/cli.ts';

const MEGABYTE = 1_000_000;
const Share = z.number().min(0).max(1);
const Count = z.number().int().nonnegative();

/** The public shape of `.trueup/demo/summary.json`. */
const Summary = z.object({
  certificates: z.array(
    z.object({
      stream: z.string(),
      from: z.string().nullable(),
      to: z.string().nullable(),
      method: z.enum(['count', 'keys', 'bucket-hash', 'none']),
      sourceCount: Count,
      distinctIds: Count,
      movedOut: Count,
      missingIds: z.array(z.string()),
      closed: z.boolean().nullable(),
    }),
  ),
  closedWon: z.strictObject({
    opportunityId: z.string(),
    planHash: z.string().min(32),
    intents: z.array(
      z.strictObject({
        system: z.string(),
        object: z.string(),
        externalId: z.string(),
        state: z.string(),
        readBack: z.boolean(),
      }),
    ),
    elapsedMs: z.number().positive(),
  }),
  entitlements: z.strictObject({ draft: Count, active: Count, reversed: Count }),
  renewals: z.strictObject({ due: Count, written: Count }),
  positions: Count,
  findings: Count,
  drift: z.strictObject({ planted: Count, found: Count, recall: Share, precision: Share }),
});

const Hop = z.object({
  kind: z.string(),
  system: z.string(),
  object: z.string(),
  id: z.string(),
  mapping: z.object({ id: z.string(), version: z.number().int().positive() }).nullable(),
  rules: z.record(z.string(), z.number().int().positive()).nullable(),
});
const Trace = z.object({ id: z.string(), hops: z.array(Hop) });

const Finding = z.object({
  id: z.string(),
  kind: z.string(),
  severity: z.string(),
  subject: z.strictObject({ type: z.string(), id: z.string() }),
  sku: z.string().nullable(),
  amount: z.string().nullable(),
  currency: z.string().length(3).nullable(),
  evidence: z.array(z.unknown()).min(1),
  owner: z.string().nullable(),
  dueAt: z.string(),
  status: z.string(),
});

const Run = z.object({
  id: z.string(),
  connection: z.string(),
  status: z.string(),
  streams: z.array(
    z.object({
      stream: z.string(),
      landed: Count,
      created: Count,
      updated: Count,
      unchanged: Count,
      superseded: Count,
      rejected: Count,
      quarantined: Count,
      certificate: z.object({ closed: z.boolean().nullable() }),
    }),
  ),
});

let home: CliHome;
let played: CliResult;
let memory: Memory;
let summary: z.infer<typeof Summary>;

interface Memory {
  /** The most that API and worker held together, in bytes of resident set. */
  readonly peak: number;
  readonly processes: HomeProcesses | null;
}

beforeAll(async () => {
  home = await makeCliHome();
  const over = new AbortController();
  const watching = watchMemory(home, over.signal);
  played = await home.run(['demo', '--once', '--seed', '3']);
  over.abort();
  memory = await watching;
  const text = await readFile(join(home.folder, 'demo', 'summary.json'), 'utf8').catch(() => '{}');
  summary = JSON.parse(text);
}, 240_000);
afterAll(() => home.stop(), 60_000);

async function watchMemory(watched: CliHome, over: AbortSignal): Promise<Memory> {
  let peak = 0;
  let processes: HomeProcesses | null = null;
  while (!over.aborted) {
    processes = (await watched.processes().catch(() => null)) ?? processes;
    if (processes !== null) {
      peak = Math.max(peak, await heldTogether([processes.apiPid, processes.workerPid]));
    }
    await delay(200);
  }
  return { peak, processes };
}

describe('trueup demo --once', () => {
  test('ends with 0 after telling every step, and leaves nothing running', () => {
    expect([played.code, played.code === 0 ? '' : played.err]).toEqual([0, '']);
    expect(played.err).toContain('The loop closed');
    expect(memory.processes).not.toBeNull();
    expect([memory.processes?.apiPid, memory.processes?.workerPid].some((pid) => isRunning(pid ?? 0))).toBe(false); // prettier-ignore
  });

  test('leaves a summary in its public shape', () => {
    expect(Summary.safeParse(summary).error).toBeUndefined();
  });

  test('closed every certificate with what the source counts', () => {
    expect(summary.certificates.length).toBeGreaterThanOrEqual(20);
    // The first read, and those that the vendor's pushes asked for.
    expect(summary.certificates.filter((each) => each.stream === 'Opportunity').length).toBeGreaterThan(1); // prettier-ignore
    expect(summary.certificates.filter(({ closed }) => closed !== true)).toEqual([]);
    expect(
      summary.certificates.filter((each) => each.sourceCount !== each.distinctIds - each.movedOut),
    ).toEqual([]);
  });

  test('wrote the order and the contract of the won deal and read both back', () => {
    const written = summary.closedWon.intents.map(({ object }) => object).toSorted();

    expect(written).toEqual(['Contract', 'salesOrder']);
    for (const intent of summary.closedWon.intents)
      expect(intent).toMatchObject({ state: 'APPLIED', readBack: true });
  });

  test('started rights, reversed those of the reopened deal, and wrote every renewal that is due', () => {
    const { entitlements, renewals } = summary;

    expect(entitlements.active).toBeGreaterThan(100);
    expect(entitlements.reversed).toBeGreaterThan(0);
    expect(renewals.due).toBeGreaterThan(0);
    expect(renewals.written).toBe(renewals.due);
  });

  test('found the planted drift and little else', () => {
    expect(summary.drift.planted).toBeGreaterThan(0);
    expect(summary.drift.recall).toBeGreaterThanOrEqual(0.9);
    expect(summary.drift.precision).toBeGreaterThanOrEqual(0.9);
  });

  test('API and worker together stay under 400 MB', () => {
    console.info(`API and worker together held ${Math.round(memory.peak / MEGABYTE)} MB at most.`);

    expect(memory.peak).toBeGreaterThan(50 * MEGABYTE);
    expect(memory.peak).toBeLessThan(400 * MEGABYTE);
  });
});

describe('afterwards, with the systems gone', () => {
  let hops: z.infer<typeof Trace>['hops'];

  beforeAll(async () => {
    ({ hops } = await home.json(['trace', summary.closedWon.opportunityId], Trace));
  }, 60_000);

  const of = (kind: string, object?: string): z.infer<typeof Trace>['hops'] =>
    hops.filter((hop) => hop.kind === kind && (object === undefined || hop.object === object));

  test('trace shows every hop from the opportunity to the position', () => {
    const steps = [
      of('record', 'Opportunity'),
      of('fact', 'opportunity'),
      of('deal'),
      of('plan', 'closed_won'),
      of('intent', 'salesOrder'),
      of('intent', 'Contract'),
      of('record', 'salesOrder'),
      of('fact', 'order'),
      of('fact', 'orderLine'),
      of('entitlement'),
      of('rights'),
      of('position'),
    ];

    expect(steps.map((step) => step.length > 0)).toEqual(steps.map(() => true));
  });

  test('every fact that was read names the mapping version that made it, every position its rules', () => {
    const read = of('fact').filter(({ system }) => system !== 'trueup');

    expect(read.filter(({ mapping }) => mapping === null)).toEqual([]);
    expect(of('intent').filter(({ mapping }) => mapping === null)).toEqual([]);
    for (const kind of ['deal', 'entitlement', 'rights', 'position'])
      for (const { rules } of of(kind)) expect(Object.keys(rules ?? {})).not.toEqual([]);
  });

  test('an order line of the ERP leads back to the same deal', async () => {
    const [line] = of('fact', 'orderLine');

    const back = await home.json(['trace', line?.id ?? ''], Trace);

    const deals = (some: typeof hops) =>
      some.flatMap(({ kind, id }) => (kind === 'deal' ? [id] : []));
    expect(deals(back.hops)).toEqual(deals(hops));
  });

  test('findings list --json gives each finding with subject, evidence and due date', async () => {
    const findings = await home.json(['findings', 'list', '--limit', '0'], z.array(Finding));

    expect(findings).toHaveLength(summary.findings);
    expect(findings.filter(({ kind }) => kind === 'unowned').length).toBeGreaterThan(0);
  });

  test('runs list --json gives runs whose sums add up', async () => {
    const runs = await home.json(['runs', 'list', '--limit', '0'], z.array(Run));

    expect(new Set(runs.map(({ connection }) => connection)).size).toBe(4);
    for (const stream of runs.flatMap((run) => run.streams)) {
      const { created, updated, unchanged, superseded, rejected, quarantined, landed } = stream;
      expect(created + updated + unchanged + superseded + rejected + quarantined).toBe(landed);
    }
  });
});
