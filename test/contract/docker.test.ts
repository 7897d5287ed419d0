import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { z } from 'zod';
import { Environment } from '../../src/config/environment.ts';

// No container engine runs where these tests run, so they read what the files say.

const Service = z.object({
  image: z.string(),
  build: z.object({ context: z.string(), dockerfile: z.string() }).optional(),
  environment: z.record(z.string(), z.string()).default({}),
  healthcheck: z.object({ test: z.array(z.string()).min(2), interval: z.string() }),
  security_opt: z.array(z.string()),
  read_only: z.boolean().default(false),
  user: z.string().optional(),
  profiles: z.array(z.string()).default([]),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
  volumes: z.array(z.string()).default([]),
  secrets: z.array(z.string()).default([]),
});
const Compose = z.object({
  services: z.record(z.string(), Service),
  volumes: z.record(z.string(), z.null()),
  secrets: z.record(z.string(), z.object({ file: z.string() })),
});

const read = (path: string): string =>
  readFileSync(resolve(import.meta.dirname, '../..', path), 'utf8');
const linesOf = (path: string): readonly string[] =>
  read(path)
    .split('\n')
    .map((line) => line.trim());
const dockerfile = linesOf('docker/Dockerfile');
const compose = Compose.parse(parse(read('docker/compose.yaml'), { merge: true }));
const services = Object.entries(compose.services);

/** Names that Compose and the PostgreSQL image read; Trueup never sees them. */
const FOR_COMPOSE = /^(POSTGRES|COMPOSE)_/;
const known = (name: string): boolean =>
  FOR_COMPOSE.test(name) || [name, name.replace(/_FILE$/, '')].some((n) => n in Environment.shape);

/** A patch release: `1.2.3`, or `1.2` where the vendor's patch is the second number. */
const PINNED = /:\d+\.\d+(\.\d+)?(-[a-z]+)*$/;

describe('docker/Dockerfile', () => {
  const from = dockerfile.filter((line) => line.startsWith('FROM '));

  test('builds in stages, each from a pinned image', () => {
    const images = from.map((line) => line.split(' ')[1] ?? '');

    expect(images.length).toBeGreaterThanOrEqual(2);
    expect(images.filter((image) => !PINNED.test(image))).toEqual([]);
  });

  test('leaves root before it starts anything, by number', () => {
    const user = dockerfile.findLastIndex((line) => line.startsWith('USER '));

    expect(dockerfile[user]).toMatch(/^USER [1-9]\d*:[1-9]\d*$/);
    expect(user).toBeGreaterThan(dockerfile.findLastIndex((line) => line.startsWith('RUN ')));
    expect(dockerfile.findIndex((line) => line.startsWith('ENTRYPOINT '))).toBeGreaterThan(user);
  });

  test('starts under tini, tells its health, and installs without running scripts', () => {
    const text = dockerfile.join('\n');

    expect(text).toMatch(/^ENTRYPOINT \["\/usr\/bin\/tini", "--"/m);
    expect(text).toMatch(/^HEALTHCHECK /m);
    expect(text).toMatch(/npm ci .*--omit=dev .*--ignore-scripts/);
  });

  test('sets only variables that the configuration knows', () => {
    const names = [...dockerfile.join('\n').matchAll(/(?<![\w.])(TRUEUP_\w+)=/g)].map((m) => m[1]);

    expect(names.length).toBeGreaterThan(0);
    expect(names.filter((name) => name === undefined || !known(name))).toEqual([]);
  });

  test('copies nothing that .dockerignore keeps out', () => {
    const ignored = new Set(linesOf('.dockerignore'));
    const copied = dockerfile
      .filter((line) => line.startsWith('COPY ') && !line.includes('--from='))
      .flatMap((line) => line.split(' ').slice(1, -1));

    expect(copied.filter((path) => ignored.has(path))).toEqual([]);
    expect([...ignored]).toEqual(
      expect.arrayContaining(['.trueup', '**/node_modules', '.git', 'docker']),
    );
  });
});

describe('docker/compose.yaml', () => {
  test('holds Trueup and PostgreSQL by default, and Redis behind a profile', () => {
    const profiles = Object.fromEntries(services.map(([name, s]) => [name, s.profiles]));

    expect(profiles).toEqual({ app: [], postgres: [], redis: ['redis'] });
  });

  test.each(services)('%s has a pinned image, a health check and no new privileges', (_, s) => {
    expect(s.image).toMatch(PINNED);
    expect(s.healthcheck.test[0]).toMatch(/^CMD/);
    expect(s.security_opt).toContain('no-new-privileges:true');
  });

  test('the app waits for a healthy database, writes only to its volume, and is not root', () => {
    const app = compose.services['app'];

    expect(app?.depends_on['postgres']?.condition).toBe('service_healthy');
    expect(app?.read_only).toBe(true);
    expect(app?.user).toMatch(/^[1-9]/);
    expect(app?.build?.dockerfile).toBe('docker/Dockerfile');
  });

  test('every volume and secret that a service names is declared', () => {
    const volumes = services.flatMap(([, s]) => s.volumes.map((v) => v.split(':')[0] ?? v));
    const secrets = services.flatMap(([, s]) => s.secrets);

    expect(volumes.filter((volume) => !(volume in compose.volumes))).toEqual([]);
    expect(secrets.filter((secret) => !(secret in compose.secrets))).toEqual([]);
  });

  test('gives the app only variables that the configuration knows', () => {
    const names = Object.keys(compose.services['app']?.environment ?? {});

    expect(names.filter((name) => !known(name))).toEqual([]);
  });
});

describe('docker/example.env', () => {
  // A commented assignment is an offer, so it must be right as well.
  const names = linesOf('docker/example.env').flatMap((line) => {
    const name = /^(?:# )?([A-Z][A-Z0-9_]*)=/.exec(line)?.[1];
    return name === undefined ? [] : [name];
  });

  test('names only variables that the configuration knows', () => {
    expect(names).toContain('TRUEUP_ROLE');
    expect(names.filter((name) => !known(name))).toEqual([]);
  });

  test('holds no secret', () => {
    const secret = linesOf('docker/example.env').filter((line) =>
      /^[A-Z_]*(PASSWORD|SECRET|KEY|TOKEN)[A-Z_]*=.+/.test(line),
    );

    expect(secret).toEqual([]);
  });
});
