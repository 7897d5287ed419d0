import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import { makeCliHome, type CliHome } from '../support/cli.ts';

const OK = 0;
const USAGE = 2;
const INVALID = 6;
const Started = z.strictObject({ run: z.string() });
const Report = z.object({
  run: z.string(),
  status: z.string(),
  streams: z.array(z.object({ stream: z.string(), landed: z.number(), closed: z.boolean() })),
});
const Budget = z.object({
  dailyCalls: z.number().nullable(),
  reservePercent: z.number(),
  concurrency: z.number().nullable(),
});

let home: CliHome;

beforeAll(async () => {
  home = await makeCliHome({ TRUEUP_TODAY: '2026-03-02' });
  const folder = join(home.desk, 'drop');
  await mkdir(folder);
  const header = 'employee_number,display_name,work_email,start_date,end_date,type,department,cost_center,job_role'; // prettier-ignore
  const rows = ['E1', 'E2'].map((id) => `${id},Ada,${id}@meridian.example,2024-01-01,,employee,,,`);
  await writeFile(join(folder, 'employment.csv'), [header, ...rows, ''].join('\n'));
  const set = `directory=${folder}`;
  await home.json(['connections', 'add', 'file', '--name', 'files', '--set', set], z.unknown());
}, 60_000);
afterAll(() => home.stop(), 60_000);

describe('a pull', () => {
  test('that is not waited for gives its run, and the run is followed to its end', async () => {
    const { run } = await home.json(['pull', 'files', '--stream', 'employment', '--no-wait'], Started); // prettier-ignore

    const report = await home.json(['runs', 'watch', run], Report);

    expect(report).toMatchObject({
      run,
      status: 'succeeded',
      streams: [{ stream: 'employment', landed: 2, closed: true }],
    });
  }, 60_000);

  test('that is waited for leaves stdout to the one document', async () => {
    const pulled = await home.run(['pull', 'files', '--stream', 'employment', '--wait', '--json']);

    expect([pulled.code, pulled.err]).toEqual([OK, '']);
    expect(Report.parse(JSON.parse(pulled.out)).status).toBe('succeeded');
  }, 60_000);
});

describe('the budget of a connection', () => {
  const budget = (...more: readonly string[]) => home.run(['connections', 'budget', 'files', ...more]); // prettier-ignore

  test('is changed one part at a time, and a limit is taken away by none', async () => {
    await budget('--daily', '1000', '--concurrency', '2');
    await budget('--reserve', '20');
    const set = await home.json(['connections', 'budget', 'files'], Budget);
    await budget('--daily', 'none', '--concurrency', 'none');
    const unset = await home.json(['connections', 'budget', 'files'], Budget);

    expect(set).toEqual({ dailyCalls: 1000, reservePercent: 20, concurrency: 2 });
    expect(unset).toEqual({ dailyCalls: null, reservePercent: 20, concurrency: null });
  }, 60_000);

  test('is told in words', async () => {
    const told = await budget('--daily', '1000', '--reserve', '10');

    expect(told.out).toMatch(/^Calls today +0 of 1000, whole again at /);
    expect(told.out).toContain('reading stops at 900');
  }, 60_000);

  test('that cannot be is refused', async () => {
    const words = await budget('--daily', 'many');
    const reserve = await budget('--reserve', '100');

    expect([words.code, reserve.code]).toEqual([USAGE, INVALID]);
  }, 60_000);
});
