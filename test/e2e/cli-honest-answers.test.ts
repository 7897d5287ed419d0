import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import { makeCliHome, type CliHome, type CliResult } from '../support/cli.ts';

const OK = 0;
const INVALID = 6;

const Pulled = z.object({ streams: z.array(z.record(z.string(), z.unknown())) });

let home: CliHome;
let folder: string;

beforeAll(async () => {
  home = await makeCliHome({ TRUEUP_TODAY: '2026-03-02' });
  folder = join(home.desk, 'drop');
  await mkdir(folder);
  await drop();
  await home.json(
    ['connections', 'add', 'file', '--name', 'files', '--set', `directory=${folder}`],
    z.unknown(),
  );
}, 60_000);
afterAll(() => home.stop(), 60_000);

const HEADER =
  'employee_number,display_name,work_email,start_date,end_date,type,department,cost_center,job_role';
const row = (employee: string, lastDay: string): string =>
  `${employee},Ada,${employee}@meridian.example,2024-01-01,${lastDay},employee,,,`;
const drop = (...rows: readonly string[]): Promise<void> =>
  writeFile(join(folder, 'employment.csv'), [HEADER, ...rows, ''].join('\n'));
const pullWith = async (...rows: readonly string[]): Promise<CliResult> => {
  await drop(...rows);
  const { err, ...pulled } = await home.run(['pull', 'files', '--stream', 'employment', '--json']);
  // A slow machine makes it tell how far it is.
  return { ...pulled, err: err.replaceAll(/^files: .*\n/gm, '') };
};

describe('a pull tells what its figures do not', () => {
  test('records that were read and did not map', async () => {
    const pulled = await pullWith(row('E1', ''), row('E2', 'never'));

    const [stream] = Pulled.parse(JSON.parse(pulled.out)).streams;
    expect([pulled.code, pulled.err]).toEqual([OK, '1 record waits: trueup errors list\n']);
    expect(Object.keys(stream ?? {})).toEqual([
      'stream', 'sourceCount', 'landed', 'created', 'updated', 'unchanged', 'superseded', 'rejected', 'quarantined', 'closed',
    ]); // prettier-ignore
    expect(stream).toMatchObject({ landed: 2, created: 2, quarantined: 0, closed: true });
  }, 60_000);

  test('and the list of what waits goes out whole, for a spreadsheet or a program', async () => {
    const [proofs, causes, records] = await Promise.all([
      home.run(['certificates', 'list']),
      home.run(['errors', 'export', '--format', 'csv']),
      home.run(['errors', 'export', '--records', '--status', 'open']),
    ]);

    const [heading, cause, ...others] = causes.out.trimEnd().split('\r\n');
    expect(heading).toMatch(/^cause,class,state,system,object,.*,money,owner,.*,advice$/);
    expect(cause).toMatch(/^egr_[0-9a-f]+,mapping,open,files,employment,.*,"?Mend the record/);
    expect(others).toEqual([]);
    expect(JSON.parse(records.out)).toMatchObject({
      stage: 'mapping',
      status: 'open',
      attempts: 1,
    });
    expect(proofs.out).toMatch(/ files employment .* yes\n/);
    expect([causes.code, records.code]).toEqual([OK, OK]);
  }, 60_000);

  test('nothing once they are mended', async () => {
    const pulled = await pullWith(row('E1', ''), row('E2', '2026-01-31'));

    expect([pulled.code, pulled.err]).toEqual([OK, '']);
  }, 60_000);
});

describe('a filter', () => {
  test('with a kind of finding that there is not is refused', async () => {
    const refused = await home.run(['findings', 'list', '--kind', 'bogus']);

    expect([refused.code, refused.out]).toEqual([INVALID, '']);
    expect(refused.err).toMatch(/kind.*orphaned_seat/s);
  });

  test('that nothing fits is no hint that the company is empty', async () => {
    const narrowed = await home.run(['findings', 'list', '--kind', 'orphaned_seat']);
    const all = await home.run(['cycles', 'list']);

    expect([narrowed.code, narrowed.out]).toEqual([OK, 'None match.\n']);
    expect(all.out).toMatch(/^There are no cycles\. Open one with/);
  });
});

test('a connection whose connector writes nothing is not opened for writing', async () => {
  const refused = await home.run(['connections', 'enable-writes', 'files']);

  expect([refused.code, refused.out]).toEqual([INVALID, '']);
  expect(refused.err).toMatch(/"files" stays read-only.*file writes nothing/);
});
