import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import axios from 'axios';
import { mockHttp } from './http-mock.ts';

const REPOSITORY = resolve(import.meta.dirname, '../..');

/** Runs one test file in a jest of its own, because the rule under test is that a test fails. */
function runAlone(files: Readonly<Record<string, string>>): {
  status: number | null;
  text: string;
} {
  const folder = mkdtempSync(join(import.meta.dirname, 'mock-'));
  try {
    for (const [name, body] of Object.entries(files)) writeFileSync(join(folder, name), body);
    const config = {
      rootDir: folder,
      extensionsToTreatAsEsm: ['.ts'],
      transform: { '\\.ts$': resolve(import.meta.dirname, 'jest-transform.js') },
      testMatch: ['**/*.test.ts'],
      maxWorkers: 1,
    };
    const jest = join(REPOSITORY, 'node_modules/jest/bin/jest.js');
    const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
    const run = spawnSync(
      process.execPath,
      [...flags, jest, '--runInBand', '--config', JSON.stringify(config)],
      { encoding: 'utf8', cwd: REPOSITORY },
    );
    return { status: run.status, text: run.stdout + run.stderr };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const HEAD = `
import { expect, test } from '@jest/globals';
import axios from 'axios';
import { mockHttp } from '../http-mock.ts';
const mock = mockHttp();
`;

describe('a recorded answer', () => {
  const mock = mockHttp();

  test('reaches axios code', async () => {
    mock.origin('https://vendor.test').get('/limits').reply(200, { left: 12 });

    const answer = await axios.get<unknown>('https://vendor.test/limits');

    expect(answer.data).toEqual({ left: 12 });
  });
});

describe('a test fails', () => {
  test('when a request meets no mock, even if the code under test swallows the error', () => {
    const run = runAlone({
      'a.test.ts': `${HEAD}
test('swallows', async () => {
  await axios.get('https://vendor.test/forgotten').catch(() => undefined);
  expect(mock).toBeDefined();
});`,
    });

    expect(run.text).toMatch(/no mock for GET \S*vendor\.test\S*\/forgotten/);
    expect(run.status).toBe(1);
  });

  test('when a mock was never used', () => {
    const run = runAlone({
      'a.test.ts': `${HEAD}
test('asks nobody', () => {
  mock.origin('https://vendor.test').get('/unused').reply(200);
  expect(mock).toBeDefined();
});`,
    });

    expect(run.text).toContain('mock never used: GET https://vendor.test:443/unused');
    expect(run.status).toBe(1);
  });
});

test('two files of one worker that both mock do not hear each other', () => {
  const file = `${HEAD}
test('mocked', async () => {
  mock.origin('https://vendor.test').get('/x').reply(200, { only: 'mine' });
  const answer = await fetch('https://vendor.test/x');
  expect(await answer.json()).toEqual({ only: 'mine' });
  mock.origin('https://vendor.test').get('/y').reply(200, { only: 'mine' });
  expect((await axios.get('https://vendor.test/y')).data).toEqual({ only: 'mine' });
});`;

  const run = runAlone({ 'a.test.ts': file, 'b.test.ts': file });

  expect(run.text).toContain('Tests:       2 passed, 2 total');
  expect(run.status).toBe(0);
});
