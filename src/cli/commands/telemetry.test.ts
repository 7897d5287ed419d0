import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Command } from 'commander';
import { testApi, type TestApi } from '../../../test/support/api.ts';
import { deriveUsage } from '../../app/flows/derive-usage.ts';
import { createApiClient } from '../api-client.ts';
import type { Cli } from '../cli.ts';
import { createOutput } from '../output.ts';
import { register } from './telemetry.ts';

let api: TestApi;
let person: { readonly id: string; readonly key: string };
let folder: string;
beforeAll(async () => {
  api = await testApi();
  person = await api.person('acme', ['licence-manager']);
  folder = await mkdtemp(join(tmpdir(), 'trueup-telemetry-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
  await api.close();
});

/** Runs `telemetry …` against the API and returns what it printed. */
async function run(...args: readonly string[]): Promise<string> {
  let text = '';
  const out = new Writable({
    write: (chunk, _encoding, done) => {
      text += String(chunk);
      done();
    },
  });
  const client = createApiClient({ url: api.url, key: person.key });
  const cli = {
    api: async () => client,
    output: () => createOutput({ out, err: out }, false),
  } as Partial<Cli> as Cli;
  const program = new Command('trueup').exitOverride();
  register(program, cli);
  await program.parseAsync(['telemetry', ...args], { from: 'user' });
  return text;
}

const file = async (name: string, text: string): Promise<string> => {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
};
const derive = () =>
  deriveUsage(api.deps, {
    tenantId: 'acme',
    signal: new AbortController().signal,
    hold: () => Promise.resolve(),
  });
const event = (id: string, change: object = {}) =>
  JSON.stringify({
    specversion: '1.0',
    id,
    source: '/instances/prod-7',
    type: 'api.called',
    time: new Date().toISOString(),
    data: { calls: 3 },
    ...change,
  });

test('telemetry sends a file line by line, tells what was refused, and fails for it', async () => {
  const lines = Array.from({ length: 1_500 }, (_, at) => event(`line-${at}`));
  lines[1_200] = event('bad', { time: 'yesterday' });

  const text = await run('send', await file('events.ndjson', `${lines.join('\n')}\n`));

  expect(text).toContain('1499 taken, 0 twice in the file, 1 refused.');
  expect(text).toContain('event 1201 (bad): time is not an RFC 3339 instant');
  expect(process.exitCode).toBe(6);
  process.exitCode = 0;
});

test('telemetry sends an array as well, and every digit of it', async () => {
  const text = `[${event('exact').replace('"calls":3', '"calls":12345678901234567890')}]`;

  await run('send', await file('events.json', text));
  await derive();

  const [row] = await api.deps.store.readTenant('acme', (tx) =>
    tx.sql<{ text: string }>(
      `select e.data::text as text from usage_event e where e.event_id = 'exact'`,
    ),
  );
  expect(row?.text).toContain('12345678901234567890');
});

test('telemetry follows use from nobody’s to a customer’s', async () => {
  await run('send', await file('one.ndjson', event('one')));
  await derive();
  expect(await run('unattributed', 'list')).toMatch(/no_definition +api.called/);

  const published = await run(
    'definitions',
    'publish',
    await file(
      'definition.json',
      JSON.stringify({
        name: 'calls',
        eventType: 'api.called',
        aggregate: { of: 'count' },
        metric: 'calls',
        unit: 'call',
      }),
    ),
  );
  await derive();
  const waiting = await run('unattributed', 'list');
  const id = /usu_\w+/.exec(waiting)?.[0] ?? '';
  const assigned = await run('unattributed', 'assign', id, person.id);
  await run('instances', 'add', '/instances/prod-7', '--sku', 'API-PRO', '--customer', 'acc-7');
  await derive();

  expect(published).toContain('calls is published as version 1.');
  expect(waiting).toContain('unknown_instance');
  expect(assigned).toContain(`is with person:${person.id}.`);
  expect(await run('definitions', 'list')).toMatch(/calls +1 +- +api.called +count +calls/);
  expect(await run('instances', 'list')).toMatch(/\/instances\/prod-7 +API-PRO +acc-7 +licensor/);
  expect(await run('unattributed', 'list')).toContain('All use counts for somebody.');
});
