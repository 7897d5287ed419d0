import { readdir } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import { DETECTORS } from '../../src/licensing/find-drift.ts';
import { makeCliHome, type CliHome } from '../support/cli.ts';

const USAGE = 2;
const INVALID = 6;

const Score = z.object({
  kind: z.string(),
  planted: z.number().int(),
  recall: z.number().nullable(),
  precision: z.number().nullable(),
  daysToDetect: z.object({ cases: z.number(), mean: z.number(), most: z.number() }).nullable(),
  missed: z.array(z.unknown()),
  wrong: z.array(z.unknown()),
});
const Result = z.object({
  seeds: z.array(z.number()),
  short: z.array(z.string()),
  totals: z.object({ planted: z.number(), matched: z.number(), found: z.number() }),
  kinds: z.array(Score),
});

let home: CliHome;
beforeAll(async () => {
  home = await makeCliHome();
});
afterAll(() => home.stop());

describe('simulate drift', () => {
  test('finds drift of every kind in a company that is read through its twins, and leaves nothing behind', async () => {
    const ran = await home.run(['simulate', 'drift', '--seeds', '8..8', '--scale', '0.25', '--json']); // prettier-ignore
    const result = Result.parse(JSON.parse(ran.out));

    expect(result.kinds.map(({ kind }) => kind).toSorted()).toEqual(
      DETECTORS.map(({ kind }) => kind).toSorted(),
    );
    expect(
      result.kinds.filter(({ planted, recall, precision }) => planted === 0 || recall !== 1 || precision !== 1),
    ).toEqual([]); // prettier-ignore
    expect(result.kinds.filter(({ daysToDetect }) => daysToDetect !== null).length).toBeGreaterThan(9); // prettier-ignore
    expect(result.totals.planted).toBe(result.totals.matched);
    expect([ran.code, result.seeds, result.short]).toEqual([0, [8], []]);
    expect(ran.err).toContain('Seed 8:');
    expect(await readdir(home.folder)).toEqual([]);
  }, 240_000);

  test.each([
    [['--seeds', '5..2'], USAGE, /range/],
    [['--seeds', 'many'], USAGE, /whole number/],
    [['--scale', '0.1'], INVALID, /scale 0\.1 is out of range/],
  ])('refuses %j', async (options, code, words) => {
    const refused = await home.run(['simulate', 'drift', ...options]);

    expect([refused.code, refused.out]).toEqual([code, '']);
    expect(refused.err).toMatch(words);
  });
});
