import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { lastWords } from './spawn-role.ts';

let folder: string;
let log: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trueup-words-'));
  log = join(folder, 'serve.log');
});
afterEach(() => rm(folder, { recursive: true }));

describe('the last words of a process', () => {
  test('are what it wrote itself, never the error of a start before it', async () => {
    const old = 'trueup: jobs/brökén.ts does not fit.\n';
    await writeFile(log, old);
    await appendFile(log, '{"message":"one"}\n{"message":"two"}\n');

    const words = await lastWords({ log, logFrom: Buffer.byteLength(old) });

    expect(words).toBe('{"message":"one"}\n{"message":"two"}');
  });

  test('begin with its own verdict, when it gave one', async () => {
    await writeFile(log, '{"message":"one"}\ntrueup: The port is taken.\n');

    expect(await lastWords({ log, logFrom: 0 })).toBe('trueup: The port is taken.');
  });
});
