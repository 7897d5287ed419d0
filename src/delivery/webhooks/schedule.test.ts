import { describe, expect, test } from '@jest/globals';
import { nextStep, type Answered } from './schedule.ts';

const FRESH = { attempts: 0, silences: 0, once: false };
const middle = () => 0.5;
const refused = (status: number | null, retryAfterS: number | null = null): Answered => ({ status, error: 'no', retryAfterS }); // prettier-ignore

/** The waits of an event that never arrives. */
function waitsOf(random: () => number): readonly number[] {
  const waits: number[] = [];
  for (let attempts = 0; attempts < 20; attempts += 1) {
    const next = nextStep(refused(500), { ...FRESH, attempts }, random);
    if (next.state === 'failed') return waits;
    waits.push(next.waitS);
  }
  return waits;
}

describe('an event that does not arrive', () => {
  test('is tried ten times over about three days and then given up', () => {
    const waits = waitsOf(middle);

    expect(waits).toEqual([5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400]);
    expect(waits.reduce((sum, each) => sum + each, 0) / 3_600).toBeCloseTo(75.6, 1);
  });

  test('waits a time drawn over the whole width of a step, so that many do not come back together', () => {
    expect(waitsOf(() => 0).map((wait, at) => wait / (waitsOf(middle)[at] ?? 1))).toEqual(Array(9).fill(0.5)); // prettier-ignore
    expect(nextStep(refused(500), FRESH, () => 0.999).waitS).toBeGreaterThan(7.4);
  });

  test('F-17: waits no less than its receiver asked for, and a day at most', () => {
    expect(nextStep(refused(429, 600), FRESH, middle)).toMatchObject({ waitS: 600, restS: 600 });
    expect(nextStep(refused(503, 1e9), FRESH, middle)).toMatchObject({ waitS: 86_400, restS: 86_400 }); // prettier-ignore
  });

  test('lets its endpoint rest where the receiver is down, and not where it was only this event', () => {
    for (const status of [null, 429, 502, 503, 504])
      expect([status, nextStep(refused(status), FRESH, middle).restS]).toEqual([status, 5]);
    for (const status of [301, 400, 401, 404, 410, 422, 500])
      expect([status, nextStep(refused(status), FRESH, middle).restS]).toEqual([status, 0]);
    expect(nextStep({ ...refused(null), misplaced: true }, FRESH, middle).restS).toBe(0);
  });

  test('lets it rest longer each time, and five minutes at most', () => {
    const rests = [0, 1, 2, 5, 6, 900].map((silences) => nextStep(refused(null), { ...FRESH, silences }, middle).restS); // prettier-ignore

    expect(rests).toEqual([5, 10, 20, 160, 300, 300]);
  });

  test('is given up at once where the receiver is gone, or where it is tried only once', () => {
    expect(nextStep(refused(410), FRESH, middle)).toMatchObject({ state: 'failed', gone: true });
    expect(nextStep(refused(null), { ...FRESH, once: true }, middle)).toEqual({ state: 'failed', waitS: 0, restS: 0, gone: false }); // prettier-ignore
  });
});

test('an event that arrived is done', () => {
  const next = nextStep({ status: 204, error: null, retryAfterS: null }, FRESH, middle);

  expect(next).toEqual({ state: 'delivered', waitS: 0, restS: 0, gone: false });
});
