import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import { serveApi, testApi, type Answer, type ServedApi, type TestApi } from '../../test/support/api.ts'; // prettier-ignore
import { deliver } from '../app/flows/deliver.ts';
import { pullStream } from '../app/flows/pull-stream.ts';
import { createSessions } from '../app/sessions.ts';
import { proposeIntents } from '../delivery/intents.ts';
import { RemoteRejected } from '../kernel/errors.ts';
import { defineConnector, type ConnectorDefinition } from '../sdk/define-connector.ts';
import type { JobContext } from '../sdk/flows.ts';
import type { WriteResult } from '../sdk/write.ts';
import { createLogger, type ProcessLogger } from '../telemetry/logger.ts';
import { createRedactor } from '../telemetry/redaction.ts';

const CANARY = 'CANARY-9f3aQ7zz';
const CONTEXT: JobContext = {
  tenantId: 'acme',
  signal: new AbortController().signal,
  hold: () => Promise.resolve(),
};

let api: TestApi;
let served: ServedApi;
let admin: string;
let directory: Server;
let status = 401;
let folder: string;
let logger: ProcessLogger;
let deps: TestApi['deps'];

/** A vendor library that repeats its header, in each of the ways in which a write can fail. */
const answers: Readonly<Record<string, (token: string) => readonly WriteResult[]>> = {
  rejected: (token) => [{ kind: 'rejected', externalId: 'x', code: 'bad', message: `header Bearer ${token}`, field: `h ${token}` }], // prettier-ignore
  retried: (token) => [{ kind: 'retry', externalId: 'x', code: 'busy', message: `busy: ${token}` }],
  applied: (token) => [{ kind: 'applied', externalId: 'x', vendorId: '7', warnings: [`saw ${token}`] }], // prettier-ignore
  thrown: (token) => {
    throw new RemoteRejected(`refused ${token}`, { details: { said: [token] }, field: token });
  },
};

const nothing = () => Promise.reject(new Error('This system is only written.'));
const Empty = z.strictObject({});
const Secrets = z.strictObject({ token: z.string().describe('A token.') });
const definition = defineConnector({
  id: 'parrot',
  title: 'Repeats what it is sent',
  role: 'erp',
  config: Empty,
  secrets: Secrets,
  streams: [],
  writers: Object.keys(answers).map((object) => ({
    object,
    title: object,
    externalIdField: 'e',
    intentField: 'i',
    batch: 1,
    money: true,
  })),
  limits: { concurrency: 1, timeoutMs: 1000, maxResponseBytes: 1000 },
  hosts: () => [],
  open: ({ secrets, logger: own }) =>
    Promise.resolve({
      check: () => Promise.resolve([{ name: 'login', ok: true, detail: `as ${secrets.token}`, fix: null }]), // prettier-ignore
      describe: (object) => Promise.resolve({ object, label: object, fields: [] }),
      openWindow: nothing,
      readPage: nothing,
      countWindow: nothing,
      listKeys: nothing,
      readByIds: nothing,
      write: (object) => {
        own.warn('the parrot speaks', { said: `token ${secrets.token}` });
        return Promise.resolve().then(() => answers[object]?.(secrets.token) ?? []);
      },
      readBack: () => Promise.resolve([]),
      close: () => Promise.resolve(),
    }),
});
/** As the registry keeps them all: what its settings are is known to the connector alone. */
const parrot = definition as unknown as ConnectorDefinition;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trueup-echo-'));
  const redactor = createRedactor();
  logger = createLogger({ level: 'debug', redactor, file: join(folder, 'log') });
  directory = createServer((request, response) => {
    const detail = `bad header ${request.headers.authorization}`;
    const schemas = ['urn:ietf:params:scim:api:messages:2.0:Error'];
    response.writeHead(status, { 'content-type': 'application/scim+json' });
    response.end(JSON.stringify({ schemas, status: String(status), detail, scimType: CANARY }));
  });
  await new Promise<void>((done) => directory.listen(0, '127.0.0.1', done));
  api = await testApi({ logger });
  const connectors = new Map([...api.deps.registry.connectors, ['parrot', parrot] as const]);
  const registry = { ...api.deps.registry, connectors };
  const sessions = createSessions({ ...api.deps, registry, redactor });
  deps = { ...api.deps, registry, sessions };
  served = await serveApi(deps);
  admin = (await served.person('acme', ['admin'])).key;
});
afterAll(async () => {
  await deps.sessions.close();
  await served.close();
  directory.close();
  await api.close();
  await rm(folder, { recursive: true });
});

const call = (method: string, path: string, body?: unknown): Promise<Answer> =>
  served.call(method, `/api/v1${path}`, { key: admin, ...(body === undefined ? {} : { body }) });

const addDirectory = (name: string, more: object): Promise<Answer> =>
  call('POST', '/connections', {
    name,
    connector: 'scim',
    config: { baseUrl: `http://127.0.0.1:${(directory.address() as AddressInfo).port}/scim/v2` },
    secrets: { token: CANARY },
    allowPrivateNetwork: true,
    ...more,
  });

describe('F-86: a system that repeats the credentials', () => {
  test.each([401, 403, 400, 500])('with status %i gives none away in an answer', async (code) => {
    status = code;

    const added = await addDirectory('refused', {});
    const forced = await addDirectory(`forced-${code}`, { force: true });
    const checked = await call('POST', `/connections/forced-${code}:check`);
    const shown = await call('GET', `/connections/forced-${code}`);

    expect(added.status).toBe(502);
    expect([added, forced, checked, shown].map((each) => each.text).join()).not.toContain('9f3a');
  });

  test('still says what is wrong', async () => {
    status = 401;

    const { body } = await addDirectory('refused', {});

    expect(body).toMatchObject({ code: 'auth_expired', detail: expect.stringMatching(/refused the token \(401.*It says: .*\[redacted\]/) }); // prettier-ignore
  });

  test.each([400, 401])('with status %i leaves none in a run', async (code) => {
    await addDirectory(`read-${code}`, { check: false, force: true });
    status = code;

    const { body } = await call('POST', `/connections/read-${code}:pull`, { streams: ['Users'] });
    await pullStream(deps, CONTEXT, { runId: body.runId, stream: 'Users' });
    const shown = await call('GET', `/runs/${body.runId}`);

    expect(shown.body.streams[0].error.message).toContain('[redacted]');
    expect(shown.text).not.toContain('9f3a');
  });
});

describe('F-86: a system that repeats the credentials when it is written', () => {
  let added: Answer;

  beforeAll(async () => {
    const secrets = { token: CANARY };
    added = await call('POST', '/connections', { name: 'parrot', connector: 'parrot', config: {}, secrets }); // prettier-ignore
    await call('PATCH', '/connections/parrot', { mode: 'read-write' });
  });

  test('leaves none in a check', () => {
    expect(added.body.checks).toMatchObject([{ name: 'login', detail: 'as [redacted]' }]);
  });

  test.each(Object.keys(answers))('leaves none in an intent: %s', async (object) => {
    const effect = { connection: 'parrot', object, canonicalId: 'deal:1', vendorId: null, fields: {}, mapping: null }; // prettier-ignore
    await deps.store.withTenant('acme', (tx) => proposeIntents(tx, [effect]));

    await deliver(deps, CONTEXT, { connection: 'parrot', object });
    const listed = await call('GET', `/intents?object=${object}`);
    const { text } = await call('GET', `/intents/${listed.body.data[0].id}`);

    expect(text).toContain('[redacted]');
    expect(text).not.toContain('9f3a');
  });

  test('and none in the log, neither in our words nor in those of the connector', async () => {
    await logger.end();

    const log = await readFile(join(folder, 'log'), 'utf8');

    expect(log).toContain('the parrot speaks');
    expect(log).toContain('could not be written');
    expect(log).not.toContain('9f3a');
  });
});
