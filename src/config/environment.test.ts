import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ConfigError } from '../kernel/errors.ts';
import { describeEnvironment } from './describe-environment.ts';
import { readEnvironment } from './read-environment.ts';

const CANARY = 'canary-9f3a';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'trueup-config-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function secretFile(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function refusal(env: Record<string, string>): ConfigError {
  try {
    readEnvironment(env);
  } catch (error) {
    if (error instanceof ConfigError) return error;
  }
  throw new Error('The environment was not refused.');
}

describe('reading the environment', () => {
  test('an empty environment is a complete configuration', () => {
    const config = readEnvironment({}, '/srv/app');

    expect(config).toMatchObject({
      home: '/srv/app/.trueup',
      role: 'all',
      host: '127.0.0.1',
      port: 0,
      databaseUrl: undefined,
      tenantId: 'default',
      poolSize: 10,
    });
  });

  test('an empty variable counts as unset, as Docker Compose passes it', () => {
    expect(readEnvironment({ REDIS_URL: '', TRUEUP_PORT: '' })).toMatchObject({
      redisUrl: undefined,
      port: 0,
    });
  });

  test('a kill point is refused unless a test asks for it', () => {
    const TRUEUP_KILL_POINT = 'push.sent:2';

    expect(refusal({ TRUEUP_KILL_POINT }).message).toContain('TRUEUP_KILL_POINT ends this process');
    expect(refusal({ TRUEUP_KILL_POINT, NODE_ENV: 'production' }).message).toContain('for tests');
    expect(readEnvironment({ TRUEUP_KILL_POINT, NODE_ENV: 'test' }).killPlan).toMatchObject({
      name: 'push.sent',
      nth: 2,
    });
    expect(readEnvironment({ NODE_ENV: 'test' }).killPlan).toBeNull();
  });

  test('paths are taken from the folder of the process', () => {
    const config = readEnvironment({ TRUEUP_HOME: 'state', TRUEUP_KEK_FILE: '/run/kek' }, '/srv');

    expect(config).toMatchObject({ home: '/srv/state', kekFile: '/run/kek' });
  });

  test('a secret may come from a file, and its last line break is no part of it', () => {
    const path = secretFile('url', 'postgres://u:p@h:5432/d\n');

    expect(readEnvironment({ DATABASE_URL_FILE: path }).databaseUrl).toBe(
      'postgres://u:p@h:5432/d',
    );
  });

  test.each([
    ['given twice', { TRUEUP_KEY: 'a', TRUEUP_KEY_FILE: '/none' }, 'TRUEUP_KEY is given twice'],
    ['that is not there', { TRUEUP_KEY_FILE: '/none' }, 'TRUEUP_KEY cannot be read'],
  ])('a secret %s is refused', (_, env, message) => {
    expect(refusal(env).message).toContain(message);
  });

  test('an empty secret file is refused, because nobody meant that', () => {
    const path = secretFile('empty', '\n');

    expect(refusal({ REDIS_URL_FILE: path }).message).toContain('REDIS_URL names an empty file');
  });

  test('every wrong variable is named at once, and no value is repeated', () => {
    const error = refusal({
      DATABASE_URL: `mysql://root:${CANARY}@db/x`,
      REDIS_URL: CANARY,
      TRUEUP_PORT: `8${CANARY}`,
      TRUEUP_ROLE: CANARY,
      TRUEUP_TODAY: '2026-02-30',
      TRUEUP_TENANT: 'Ümlaut',
      TRUEUP_POOL_SIZE: '1',
    });

    for (const name of [
      'DATABASE_URL',
      'REDIS_URL',
      'TRUEUP_PORT',
      'TRUEUP_ROLE',
      'TRUEUP_TODAY',
      'TRUEUP_TENANT',
      'TRUEUP_POOL_SIZE',
    ]) {
      expect(error.message).toContain(name);
    }
    expect(error.message).not.toContain(CANARY);
    expect(JSON.stringify(error.details)).not.toContain(CANARY);
  });
});

describe('describing the environment', () => {
  const row = (env: Record<string, string>, name: string) =>
    describeEnvironment(env).find((one) => one.name === name);

  test('says where each value comes from', () => {
    const env = { TRUEUP_PORT: '8080' };

    expect(row(env, 'TRUEUP_PORT')).toMatchObject({ source: 'environment', value: '8080' });
    expect(row(env, 'TRUEUP_ROLE')).toMatchObject({ source: 'default', value: 'all' });
    expect(row(env, 'TRUEUP_URL')).toMatchObject({ source: 'unset', value: null });
  });

  test('F-86: shows no secret, wherever it stands', () => {
    const rows = describeEnvironment({
      DATABASE_URL: `postgres://${CANARY}:${CANARY}@db:5432/trueup?sslpassword=${CANARY}`,
      REDIS_URL: `redis://:${CANARY}@cache/0#${CANARY}`,
      TRUEUP_KEY_FILE: secretFile('key', CANARY),
      TRUEUP_SECRET: CANARY,
    });

    expect(JSON.stringify(rows)).not.toContain(CANARY);
    expect(rows).toContainEqual(
      expect.objectContaining({ name: 'DATABASE_URL', value: 'postgres://***@db:5432/trueup' }),
    );
  });

  test('names what looks like ours but is no variable of Trueup', () => {
    expect(row({ TRUEUP_PROT: '8080' }, 'TRUEUP_PROT')).toMatchObject({ source: 'unknown' });
  });

  test('says what is wrong with a value', () => {
    expect(row({ TRUEUP_PORT: 'x' }, 'TRUEUP_PORT')?.problem).toContain('whole number');
  });
});
