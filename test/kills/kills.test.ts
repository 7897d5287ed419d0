import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { together } from './kill-worlds.ts';
import { startRig, type Rig } from './rig.ts';
import { runKills } from './run-kills.ts';
import { isPrompt, tellKills } from './tell-kills.ts';

// A few kills of what `npm run kills -- --n 500` does.

const SEED = 7;
const KILLS = 6;

let rig: Rig;
beforeAll(async () => {
  rig = await startRig({ tenants: 3, seed: SEED });
}, 60_000);
afterAll(() => rig?.stop(), 30_000);

test('F-3, F-4, F-5, F-6, F-7: workers that are killed at named moments of a delivery lose no effect and double none', async () => {
  const result = await runKills(rig, { kills: KILLS, seed: SEED, drainMs: 120_000 });

  const told = tellKills(result, { seed: SEED });
  expect(told.lines).toContain(`kills ${KILLS}, lost 0, doubled 0`);
  expect(told.ok).toBe(true);
  expect(result.covered.length).toBeGreaterThanOrEqual(KILLS / 2);
  expect(result.recoveries.length).toBeGreaterThan(0);
}, 240_000);

test('what is lost or doubled is told by name, and is no success', () => {
  const again = { seed: 1, companies: 12, worlds: 3 };
  const clean = { kills: 3, effects: 9, lost: [], doubled: [], covered: [], moments: 24, recoveries: [1, 2, 16.5] }; // prettier-ignore

  expect(tellKills(clean, again)).toMatchObject({ ok: true, lines: expect.arrayContaining(['kills 3, lost 0, doubled 0', 'recovery after SIGKILL p95 16.5 s, of 3 (promised: < 30 s)', 'again: npm run kills -- --n 3 --seed 1 --companies 12 --worlds 3']) }); // prettier-ignore
  expect(tellKills({ ...clean, lost: ['x'] }, again)).toMatchObject({ ok: false, lines: expect.arrayContaining(['lost: x', 'kills 3, lost 1, doubled 0']) }); // prettier-ignore
  expect(tellKills({ ...clean, doubled: ['y'] }, again).ok).toBe(false);
  expect(tellKills({ ...clean, effects: 0 }, again).ok).toBe(false);
  expect([[1, 29], [1, 31], []].map((recoveries) => isPrompt({ recoveries }))).toEqual([true, false, false]); // prettier-ignore
});

test('worlds side by side are told as one: no loss of any of them is left out', () => {
  const one = { kills: 3, effects: 9, lost: [], doubled: ['y'], covered: ['a create'], moments: 24, recoveries: [1, 9] }; // prettier-ignore
  const other = { ...one, lost: ['x'], doubled: [], covered: ['a create', 'b update'], recoveries: [4] }; // prettier-ignore

  expect(together([one, other])).toEqual({ kills: 6, effects: 18, lost: ['world 2: x'], doubled: ['world 1: y'], covered: ['a create', 'b update'], moments: 24, recoveries: [1, 4, 9] }); // prettier-ignore
});
