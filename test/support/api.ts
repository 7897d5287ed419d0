import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RequestHandler } from 'express';
import { createSessions } from '../../src/app/sessions.ts';
import { createApp } from '../../src/http/create-app.ts';
import type { HttpDeps } from '../../src/http/http-deps.ts';
import { loadRoutes } from '../../src/http/load-routes.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { silentLogger, type Logger } from '../../src/kernel/logger.ts';
import { loadBuiltins } from '../../src/mapping/builtin.ts';
import type { Queue, WorkRef } from '../../src/queue/port.ts';
import { loadRegistry } from '../../src/registry/load-registry.ts';
import { kekFromBytes } from '../../src/security/kek.ts';
import { createKey } from '../../src/security/keys.ts';
import type { Role } from '../../src/security/permissions.ts';
import { addUser } from '../../src/security/users.ts';
import { testStore, type TestStore } from './database.ts';

/** A served API. */
export interface ServedApi {
  readonly url: string;
  /** A new person of a tenant with these roles, and the text of a key. */
  person(
    tenantId: string,
    roles: readonly Role[],
    name?: string,
  ): Promise<{ readonly id: string; readonly key: string }>;
  /** Calls the API. A body that is no string is sent as JSON. */
  call(method: string, path: string, options?: CallOptions): Promise<Answer>;
  close(): Promise<void>;
}

/** The API over a real store and the real plug-ins. Work that is asked for is recorded and not done. */
export interface TestApi extends ServedApi {
  readonly deps: HttpDeps;
  readonly database: TestStore;
  /** Wake-ups that the queue was asked for. */
  readonly woken: WorkRef[];
}

export interface CallOptions {
  readonly key?: string | undefined;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look at answers of every shape
  readonly body: any;
}

/** Starts the API for one test file. */
export async function testApi(
  options: { readonly logger?: Logger; readonly pages?: RequestHandler } = {},
): Promise<TestApi> {
  const database = await testStore();
  const woken: WorkRef[] = [];
  const deps = await testDeps(database, woken, options.logger ?? silentLogger);
  const served = await serveApi(deps, options.pages);
  return {
    ...served,
    deps,
    database,
    woken,
    close: async () => {
      await served.close();
      await deps.sessions.close();
      await database.close();
      await rm(deps.home, { recursive: true });
    },
  };
}

/** Serves the API over what it is given, and the pages for browsers behind it. */
export async function serveApi(deps: HttpDeps, pages?: RequestHandler): Promise<ServedApi> {
  const server = createServer(createApp(deps, await loadRoutes(), undefined, pages));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    person: (tenantId, roles, name = roles.join('+')) =>
      deps.store.withTenant(tenantId, async (tx) => {
        const { id } = await addUser(tx, { name, roles });
        const { text } = await createKey(tx, {
          personId: id,
          label: 'test',
          createdBy: 'system:test',
        });
        return { id, key: text };
      }),
    call: (method, path, callOptions) => call(url, method, path, callOptions),
    close: () => closeServer(server),
  };
}

async function testDeps(database: TestStore, woken: WorkRef[], logger: Logger): Promise<HttpDeps> {
  const { store } = database;
  const registry = await loadRegistry();
  const kek = kekFromBytes(randomBytes(32));
  const clock = systemClock('2026-03-02');
  return {
    store,
    registry,
    kek,
    clock,
    logger,
    queue: recordingQueue(woken),
    sessions: createSessions({ store, registry, kek, clock, logger }),
    mappings: await loadBuiltins(registry.mappingsDir, registry.transforms),
    home: await mkdtemp(join(tmpdir(), 'trueup-api-')),
    version: '0.0.0-test',
    metrics: { render: async () => ({ contentType: 'text/plain', body: 'trueup_up 1\n' }) },
  };
}

function recordingQueue(woken: WorkRef[]): Queue {
  return {
    enqueue: async (refs) => void woken.push(...refs),
    start: async () => undefined,
    close: async () => undefined,
    ping: async () => undefined,
    depth: async () => ({ interactive: 0, bulk: 0, schedule: 0 }),
  };
}

async function call(
  url: string,
  method: string,
  path: string,
  options: CallOptions = {},
): Promise<Answer> {
  const { key, body, headers = {} } = options;
  const isText = typeof body === 'string' || Buffer.isBuffer(body);
  const response = await fetch(`${url}${path}`, {
    method,
    headers: {
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      ...(body === undefined || isText ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: isText ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: parsed(text) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function closeServer(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise<void>((resolve) => server.close(() => resolve()));
}
