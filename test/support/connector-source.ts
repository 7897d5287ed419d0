import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/kernel/clock.ts';
import type { JsonObject } from '../../src/kernel/hash.ts';
import { silentLogger } from '../../src/kernel/logger.ts';
import type { Registry } from '../../src/registry/load-registry.ts';
import type { SampleCompany } from '../../src/sample/company.ts';
import type { ConnectorDefinition, ConnectorSession } from '../../src/sdk/define-connector.ts';
import type { Page, PageToken, ReadWindow, SourceRecord } from '../../src/sdk/record.ts';
import { createEgress } from '../../src/security/egress.ts';
import { controlOf, startSystem } from './company-twins.ts';
import type { TwinWorld } from '../../src/sdk/define-twin.ts';
import { CONNECTOR_CASES, type ConnectorCase } from './connector-cases.ts';
import { heldSecrets } from './held-secrets.ts';

/** A system that holds the company, and what a connection to it needs. */
export interface Source {
  readonly config: JsonObject;
  readonly secrets: Readonly<Record<string, string>>;
  /** Applied mutations under an external id; none where nothing is written. */
  writesOf(externalId: string): Promise<readonly { readonly operation: string }[]>;
  /** Records that the API made, by object and our key; none where nothing is written. */
  made(): Promise<readonly { readonly object: string; readonly externalId: string | null }[]>;
  stop(): Promise<void>;
}

/** Starts the connector's twin, or lays out the company's files where the connector reads files. */
export async function startSource(
  registry: Pick<Registry, 'twin'>,
  company: SampleCompany,
  { id }: ConnectorDefinition,
): Promise<Source> {
  const { files, config, world } = CONNECTOR_CASES[id] ?? {};
  if (files !== undefined) return startFiles(files(company), config);
  const twin = controlOf(await startSystem(registry, withWorld(company, id, world), id));
  const { credentials } = twin.running;
  return {
    ...credentials,
    config: { ...credentials.config, ...config },
    writesOf: async (externalId) =>
      (await twin.oracle()).filter((each) => each.externalId === externalId),
    made: async () => (await twin.oracle()).filter((each) => each.operation === 'create'),
    stop: () => twin.running.stop(),
  };
}

/** The company with one of its worlds made larger. */
function withWorld(
  company: SampleCompany,
  id: string,
  larger: ConnectorCase['world'],
): SampleCompany {
  const worlds: Readonly<Record<string, TwinWorld>> = company.worlds;
  const world = worlds[id];
  if (larger === undefined || world === undefined) return company;
  return { ...company, worlds: { ...company.worlds, [id]: larger(world) } };
}

async function startFiles(
  files: Readonly<Record<string, string>>,
  config: JsonObject = {},
): Promise<Source> {
  const directory = await mkdtemp(join(tmpdir(), 'trueup-files-'));
  for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text);
  return {
    config: { ...config, directory },
    secrets: {},
    writesOf: async () => [],
    made: async () => [],
    stop: () => rm(directory, { recursive: true, force: true }),
  };
}

/** A session of the connector behind the real egress guard. */
export async function openSource(
  connector: ConnectorDefinition,
  source: Pick<Source, 'config' | 'secrets'>,
  secrets = source.secrets,
): Promise<ConnectorSession> {
  const config = connector.config.parse(source.config);
  return connector.open({
    connection: 'tried',
    config,
    ...heldSecrets(connector.secrets.parse(secrets)),
    egress: createEgress({
      ...connector.limits,
      hosts: connector.hosts(config),
      allowPrivateNetwork: true,
    }),
    clock: systemClock('2026-03-02'),
    logger: silentLogger,
  });
}

/** What one read of a stream gave. */
export interface Reading {
  readonly window: ReadWindow;
  readonly pages: readonly Page[];
}

/** Reads from a page token, or from the start, to the end of the window. */
export async function readFrom(
  session: ConnectorSession,
  stream: string,
  window: ReadWindow,
  from: PageToken | null,
): Promise<readonly Page[]> {
  const pages: Page[] = [];
  let token = from;
  do {
    const page = await session.readPage(stream, window, token);
    pages.push(page);
    token = page.next;
  } while (token !== null);
  return pages;
}

/** The records of all pages, in the order in which they came. */
export const recordsOf = (pages: readonly Page[]): readonly SourceRecord[] =>
  pages.flatMap(({ records }) => records);
/** The ids of all pages, sorted. */
export const idsOf = (pages: readonly Page[]): readonly string[] =>
  recordsOf(pages)
    .map(({ id }) => id)
    .toSorted();
