import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '../../src/kernel/hash.ts';
import type { Registry } from '../../src/registry/load-registry.ts';
import type { SampleCompany } from '../../src/sample/company.ts';
import type { RunningTwin, TwinWorld } from '../../src/sdk/define-twin.ts';
import type { OracleEntry } from '../../src/sdk/twin-kit/oracle.ts';

/** The systems of the sample company that a twin stands for. */
export const SYSTEMS = ['salesforce', 'netsuite', 'scim'] as const;
export type System = (typeof SYSTEMS)[number];

/** A running twin and ways to look at it and to change it, as a person at the vendor's screen would. */
export interface CompanyTwin {
  readonly running: RunningTwin;
  /** Creates, updates or deletes one record; returns its id. */
  mutate(mutation: JsonObject): Promise<string>;
  /** Replaces the fault plan; none clears it. */
  faults(...rules: readonly JsonObject[]): Promise<void>;
  /** Applied mutations of the API, oldest first. */
  oracle(): Promise<readonly OracleEntry[]>;
  records(object: string): Promise<readonly JsonObject[]>;
  /** Moves the twin's clock on. */
  advance(seconds: number): Promise<void>;
}

export interface CompanyTwins extends Readonly<Record<System, CompanyTwin>> {
  /** The folder that holds the company's files. */
  readonly directory: string;
  stop(): Promise<void>;
}

/** Starts the three twins over one company and writes its files to a folder of their own. */
export async function startCompany(
  registry: Pick<Registry, 'twin'>,
  company: SampleCompany,
): Promise<CompanyTwins> {
  const start = async (system: System): Promise<CompanyTwin> =>
    controlOf(await startSystem(registry, company, system));
  const [salesforce, netsuite, scim] = await Promise.all([
    start('salesforce'),
    start('netsuite'),
    start('scim'),
  ]);
  const directory = await mkdtemp(join(tmpdir(), 'trueup-company-'));
  for (const [name, text] of Object.entries(company.files)) {
    await writeFile(join(directory, name), text);
  }
  return {
    salesforce,
    netsuite,
    scim,
    directory,
    stop: async () => {
      for (const { running } of [salesforce, netsuite, scim]) await running.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Starts the twin of one system over the company's world, in the morning of its business day. */
export async function startSystem(
  registry: Pick<Registry, 'twin'>,
  company: SampleCompany,
  system: string,
): Promise<RunningTwin> {
  const twin = await registry.twin(system);
  const worlds: Readonly<Record<string, TwinWorld>> = company.worlds;
  const world = worlds[system] ?? twin.ownWorld?.(company.seed);
  if (world === undefined) throw new Error(`There is no world for the twin of ${system}.`);
  return twin.start({
    world,
    planted: company.planted,
    port: 0,
    startAt: `${company.today}T09:00:00Z`,
    seed: company.seed,
  });
}

/** The control endpoint of a running twin. */
export function controlOf(running: RunningTwin): CompanyTwin {
  const call = async <T>(method: string, path: string, body?: JsonObject): Promise<T> => {
    const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
    const reply = await fetch(`${running.control}${path}`, init);
    const answer: unknown = await reply.json();
    if (!reply.ok) throw new Error(`The twin refused ${method} ${path}: ${JSON.stringify(answer)}`);
    return answer as T;
  };
  return {
    running,
    mutate: async (mutation) => (await call<{ id: string }>('POST', '/mutate', mutation)).id,
    faults: async (...rules) => {
      await call('PUT', '/faults', { seed: 1, rules: [...rules] });
    },
    oracle: () => call<readonly OracleEntry[]>('GET', '/oracle'),
    records: (object) => call<readonly JsonObject[]>('GET', `/records?object=${object}`),
    advance: async (seconds) => {
      await call('POST', '/clock', { advanceSeconds: seconds });
    },
  };
}

/** A text member of a vendor's record: its id, as a rule. Throws when the record is missing or has none. */
export function textOf(record: JsonObject | undefined, name: string): string {
  const value = record?.[name];
  if (typeof value !== 'string') throw new Error(`The record has no text ${name}.`);
  return value;
}
