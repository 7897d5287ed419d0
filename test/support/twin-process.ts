import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import * as z from 'zod';
import type { JsonObject } from '../../src/kernel/hash.ts';
import type { OracleEntry } from '../../src/sdk/twin-kit/oracle.ts';
import { LAUNCHER, type CliHome } from './cli.ts';

/** The one line that `trueup twin <system>` prints. */
const Announcement = z.object({
  system: z.string(),
  url: z.url(),
  control: z.url(),
  credentials: z.object({
    config: z.record(z.string(), z.json()),
    secrets: z.record(z.string(), z.string()),
  }),
});

/** A twin that runs as an administrator would start it, and its control endpoint. */
export interface TwinProcess {
  readonly system: string;
  readonly url: string;
  readonly credentials: z.infer<typeof Announcement>['credentials'];
  /** Changes a record as a person at the vendor's screen would. */
  update(object: string, id: string, fields: JsonObject): Promise<void>;
  records(object: string): Promise<readonly JsonObject[]>;
  /** Any other change of the control endpoint: `mutate`, `clock`, and `hooks` with PUT. */
  post(path: string, body: JsonObject, method?: 'PUT'): Promise<void>;
  /** Replaces the fault plan; none clears it. */
  faults(...rules: readonly JsonObject[]): Promise<void>;
  /** What time it is for the vendor. */
  now(): Promise<Date>;
  /** How often each rule of the plan has fired. */
  firings(): Promise<readonly number[]>;
  /** Applied mutations, as the twin witnessed them. */
  oracle(): Promise<readonly OracleEntry[]>;
  stop(): Promise<void>;
}

/** Starts `trueup twin` with the sample company of a seed and waits until it answers. */
export async function startTwin(system: string, seed: number): Promise<TwinProcess> {
  const child = spawn(LAUNCHER, ['twin', system, '--seed', String(seed)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((done) => {
    child.once('exit', () => done());
  });
  const line = await new Promise<string>((found, failed) => {
    createInterface({ input: child.stdout }).once('line', found);
    child.once('exit', (code) => failed(new Error(`The ${system} twin ended with ${code}.`)));
  });
  const { url, control, credentials } = Announcement.parse(JSON.parse(line));
  const call = async <T>(method: string, path: string, body?: JsonObject): Promise<T> => {
    // A connection that stood idle may be closed by the twin just when it is used again.
    const once = { method, headers: { connection: 'close' } };
    const init = body === undefined ? once : { ...once, body: JSON.stringify(body) };
    const reply = await fetch(`${control}/${path}`, init);
    if (!reply.ok) throw new Error(`The twin refused ${method} ${path}: ${await reply.text()}`);
    return (await reply.json()) as T;
  };
  return {
    system,
    url,
    credentials,
    update: async (object, id, fields) => {
      await call('POST', 'mutate', { object, operation: 'update', id, fields });
    },
    post: async (path, body, method) => {
      await call(method ?? 'POST', path, body);
    },
    records: (object) => call('GET', `records?object=${object}`),
    faults: async (...rules) => {
      await call('PUT', 'faults', { seed: 1, rules: [...rules] });
    },
    now: async () => new Date((await call<{ now: string }>('GET', 'clock')).now),
    firings: () => call('GET', 'firings'),
    oracle: () => call('GET', 'oracle'),
    stop: async () => {
      child.kill();
      await ended;
    },
  };
}

export interface ConnectionArguments {
  readonly connector: string;
  readonly name: string;
  readonly config: JsonObject;
  readonly secrets: Readonly<Record<string, string>>;
}

/** `connections add …` with these settings, and each secret in a file of its own. */
export async function addArguments(
  home: Pick<CliHome, 'secretFile'>,
  connection: ConnectionArguments,
): Promise<readonly string[]> {
  const settings = Object.entries(connection.config).flatMap(([key, value]) => [
    '--set',
    `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  ]);
  const secrets: string[] = [];
  for (const [key, text] of Object.entries(connection.secrets))
    secrets.push('--secret', `${key}=@${await home.secretFile(text)}`);
  return [
    'connections',
    'add',
    connection.connector,
    '--name',
    connection.name,
    ...settings,
    ...secrets,
    '--allow-private-network',
  ];
}
