import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startHarness, type Harness } from '../../../test/support/flow-harness.ts';
import type { CallBudget } from '../../intake/budgets.ts';
import type { Run } from '../../intake/runs.ts';
import { getBudget } from './get-budget.ts';
import { putBudget } from './put-budget.ts';
import { showRun } from './show-run.ts';

let house: Harness;

beforeAll(async () => {
  house = await startHarness();
}, 60_000);
afterAll(() => house.stop());

const budget = (change: Partial<CallBudget>) =>
  putBudget(house.deps, house.caller, 'crm', {
    dailyCalls: null,
    reservePercent: 10,
    concurrency: null,
    ...change,
  });
const used = async () => (await getBudget(house.deps, house.caller, 'crm')).usedToday;
const landed = (run: Run) => run.streams.reduce((sum, { landed: count }) => sum + count, 0);

describe('F-24: a pull whose budget ends', () => {
  test('stops early, keeps its place, and goes on there when there are calls again', async () => {
    await budget({ dailyCalls: 12 });

    const stopped = await house.pull('crm', { full: true });
    const spent = await used();
    await budget({ dailyCalls: 100_000 });
    await house.drain();
    const ended = await showRun(house.deps, house.caller, stopped.id);

    const parked = stopped.streams.filter(({ status }) => status === 'parked');
    const { resetsAt } = await getBudget(house.deps, house.caller, 'crm');
    expect(spent).toBe(10);
    expect(parked.length).toBeGreaterThan(0);
    for (const { resumeAt, error } of parked) {
      expect(Math.abs((resumeAt?.getTime() ?? 0) - resetsAt.getTime())).toBeLessThan(2000);
      expect(error).toMatchObject({ code: 'rate_limited', message: expect.stringContaining('budget crm') }); // prettier-ignore
    }
    expect(stopped.streams.some(({ status }) => status === 'failed')).toBe(false);
    expect(ended.status).toBe('succeeded');
    expect(landed(ended)).toBeGreaterThan(landed(stopped));
    expect(ended.streams.map(({ certificate }) => certificate?.closed)).not.toContain(false);
  });

  test('that a push asked for may use the reserve', async () => {
    const before = await used();
    await budget({ dailyCalls: before + 100, reservePercent: 90 });
    await delay(1100);

    const scheduled = await house.pull('crm', { trigger: 'schedule', streams: ['Account'] });
    const pushed = await house.pull('crm', { trigger: 'hook', streams: ['Opportunity'] });

    expect([scheduled.status, pushed.status]).toEqual(['parked', 'succeeded']);
  });
});
