import { mkdtemp, readFile, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { createLogger } from './logger.ts';
import { createRedactor } from './redaction.ts';

const Line = z.looseObject({ time: z.iso.datetime(), level: z.string(), message: z.string() });

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trueup-log-'));
});
afterEach(() => rm(folder, { recursive: true }));

const open = (level: 'info' | 'debug' = 'info', more: { readonly fileBytes?: number } = {}) =>
  createLogger({
    ...more,
    level,
    redactor: createRedactor(['canary-secret']),
    file: join(folder, 'log', 'worker.log'),
    fields: { role: 'worker' },
  });

async function lines() {
  const text = await readFile(join(folder, 'log', 'worker.log'), 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => Line.parse(JSON.parse(line)));
}

describe('the log', () => {
  test('is one JSON object a line, with the fields of the process, the child and the call', async () => {
    const logger = open();

    logger.child({ run: 'run_1' }).info('page landed', { records: 200 });
    await logger.end();

    expect(await lines()).toEqual([
      {
        time: expect.any(String),
        level: 'info',
        message: 'page landed',
        role: 'worker',
        run: 'run_1',
        records: 200,
      },
    ]);
  });

  test('holds nothing below its level', async () => {
    const logger = open();

    logger.debug('noise');
    logger.error('a person must act');
    await logger.end();

    expect((await lines()).map(({ level }) => level)).toEqual(['error']);
  });

  test('F-86: holds no secret and no person, in message, fields, errors or children', async () => {
    const logger = open('debug');

    logger.child({ token: 'canary-secret' }).debug('with canary-secret', {
      error: new Error('canary-secret refused for ada@example.com'),
      headers: { authorization: 'Bearer canary-secret' },
      displayName: 'Ada Lovelace',
    });
    await logger.end();
    const text = await readFile(join(folder, 'log', 'worker.log'), 'utf8');

    expect(text).not.toMatch(/canary|ada@|Lovelace/);
    expect(await lines()).toHaveLength(1);
  });

  test('a field cannot pass for the level, the time or the message', async () => {
    const logger = open();

    logger.info('real', { level: 'error', message: 'forged', time: 'never' });
    await logger.end();

    expect(await lines()).toEqual([expect.objectContaining({ level: 'info', message: 'real' })]);
  });

  test('a line break in a field starts no new line', async () => {
    const logger = open();

    logger.info('from outside', { text: 'a\n{"level":"error"}' });
    await logger.end();

    expect(await lines()).toHaveLength(1);
  });

  test('a field that cannot be read loses the fields, not the line or the process', async () => {
    const logger = open();

    logger.info('odd', {
      get broken() {
        throw new Error('no');
      },
    });
    await logger.end();

    expect(await lines()).toEqual([expect.objectContaining({ message: 'odd' })]);
  });

  test('F-57: the files of a log have a size and a number that they do not pass', async () => {
    const logger = open('info', { fileBytes: 400_000 });
    const text = 'x '.repeat(500);

    for (let at = 0; at < 4_000; at += 1) {
      logger.info('filling', { text });
      if (at % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await logger.end();
    const names = await readdir(join(folder, 'log'));
    const sizes = await Promise.all(
      names.map(async (name) => (await stat(join(folder, 'log', name))).size),
    );

    expect(names.length).toBeGreaterThan(1);
    expect(names.length).toBeLessThanOrEqual(5);
    // What is under way when a file is full still goes into it.
    expect(Math.max(...sizes)).toBeLessThan(800_000);
  });
});
