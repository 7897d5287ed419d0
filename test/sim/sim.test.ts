import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';

const SIMULATOR = resolve(import.meta.dirname, 'sim.ts');

/** The simulator in a process of its own: it replaces the clock of the whole process. Its stores are in this run's database. */
function simulate(...args: readonly string[]): Promise<{ code: number | null; said: string }> {
  const env = { ...process.env, TRUEUP_TEST_HOME_OF_RUN: process.env['TRUEUP_TEST_HOME'] };
  const child = spawn(process.execPath, [SIMULATOR, ...args], { stdio: ['ignore', 'pipe', 'pipe'], env });
  const said: string[] = [];
  child.stdout.on('data', (chunk: Buffer) => said.push(chunk.toString('utf8')));
  child.stderr.on('data', (chunk: Buffer) => said.push(chunk.toString('utf8')));
  return new Promise((done, failed) => {
    child.once('error', failed);
    child.once('close', (code) => done({ code, said: said.join('') }));
  });
} // prettier-ignore

const hashes = (said: string): readonly string[] =>
  said
    .split('\n')
    .filter((line) => /^seed \d+: /.test(line))
    .toSorted();

describe('the reading engine, simulated', () => {
  test('through a selection of storms nothing is lost and nothing doubled', async () => {
    const { code, said } = await simulate('--seeds', '30', '--seconds', '35', '--shards', '2');

    expect([code, said]).toEqual([0, expect.stringMatching(/\d seeds, 0 failed\n$/)]);
  }, 300_000);

  test('the same seed lives the same life twice, whatever the machine does meanwhile', async () => {
    const once = await simulate('--seeds', '4', '--hashes', '--shards', '2');
    const again = await simulate('--seeds', '4', '--hashes', '--shards', '1');

    expect(hashes(once.said)).toHaveLength(4);
    expect(hashes(again.said)).toEqual(hashes(once.said));
  }, 180_000);

  test('a number of seeds that is none is refused', async () => {
    const { code, said } = await simulate('--seeds', 'many');

    expect([code, said]).toEqual([2, expect.stringContaining('whole numbers')]);
  }, 30_000);
});
