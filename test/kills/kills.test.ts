import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startRig, type Rig } from './rig.ts';
import { runKills } from './run-kills.ts';
import { tellKills } from './tell-kills.ts';

// A few kills of what `npm run kills -- --n 500` does.

const SEED = 7;
const KILLS = 6;

let rig: Rig;
beforeAll(async () => {
  rig = await startRig({ tenants: 3, seed: SEED });
}, 60_000);
afterAll(() => rig?.stop(), 30_000);

test('F-3, F-4, F-5, F-6, F-7: workers that are killed at named moments of a delivery lose no effect and double none', async () => {
  const result = await runKills(rig, { kills: KILLS, seed: SEED });

  const told = tellKills(result, SEED);
  expect(told.lines).toContain(`kills ${KILLS}, lost 0, doubled 0`);
  expect(told.ok).toBe(true);
  expect(result.covered.length).toBeGreaterThanOrEqual(KILLS / 2);
  expect(result.recoveries.length).toBeGreaterThan(0);
}, 240_000);

test('what is lost or doubled is told by name, and is no success', () => {
  const clean = { kills: 3, effects: 9, lost: [], doubled: [], covered: [], moments: 24, recoveries: [1, 2, 16.5] }; // prettier-ignore

  expect(tellKills(clean, 1)).toMatchObject({ ok: true, lines: expect.arrayContaining(['kills 3, lost 0, doubled 0', 'work taken up again after p95 16.5 s, of 3']) }); // prettier-ignore
  expect(tellKills({ ...clean, lost: ['x'] }, 1)).toMatchObject({ ok: false, lines: expect.arrayContaining(['lost: x', 'kills 3, lost 1, doubled 0']) }); // prettier-ignore
  expect(tellKills({ ...clean, doubled: ['y'] }, 1).ok).toBe(false);
  expect(tellKills({ ...clean, effects: 0 }, 1).ok).toBe(false);
});
