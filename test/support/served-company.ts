import type { RequestHandler } from 'express';
import { factsOf } from '../../src/ledger/facts.ts';
import { serveApi, type Answer, type ServedApi } from './api.ts';
import { makeCliHome, type CliHome, type CliResult } from './cli.ts';
import { startHarness, type Harness } from './flow-harness.ts';

/** The sample company as it was pulled, its API served, and the command line against it. */
export interface ServedCompany {
  readonly harness: Harness;
  readonly api: ServedApi;
  /** A folder for files that commands read. */
  readonly desk: string;
  get(path: string): Promise<Answer>;
  post(path: string, body?: object): Promise<Answer>;
  /** As the administrator, but for what the environment says. */
  trueup(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<CliResult>;
  /** The ids of everything that the ledger holds of a noun, to see that nothing changed. */
  held(noun: 'opportunityLine' | 'entitlement'): Promise<readonly string[]>;
  stop(): Promise<void>;
}

/** Pulls the CRM and the ERP of a company, derives its rights, and serves it, with pages for browsers where they are given. */
export async function serveCompany(pages?: RequestHandler): Promise<ServedCompany> {
  const harness = await startHarness();
  const metrics = { render: async () => ({ contentType: 'text/plain', body: '' }) };
  const api = await serveApi({ ...harness.deps, version: '0.0.0-test', metrics }, pages);
  const { key } = await api.person(harness.caller.tenantId, ['admin']);
  const cli: CliHome = await makeCliHome();
  for (const connection of ['crm', 'erp']) await harness.pull(connection);
  await harness.ask('sync-entitlements');
  await harness.drain();
  return {
    harness,
    api,
    desk: cli.desk,
    get: (path) => api.call('GET', `/api/v1${path}`, { key }),
    post: (path, body = {}) => api.call('POST', `/api/v1${path}`, { key, body }),
    trueup: (args, env = {}) => cli.run([...args, '--url', api.url], { TRUEUP_KEY: key, ...env }),
    held: (noun) =>
      harness.inTx(async (tx) => (await factsOf(tx, noun)).map(({ factId }) => factId)),
    stop: async () => {
      await cli.stop();
      await api.close();
      await harness.stop();
    },
  };
}

/** An override of a shipped mapping with these rows. */
export function overrideOf(id: string, fields: string): string {
  return `id: ${id}\nversion: 2\nextends: builtin:${id}@1\nfields:\n${fields}`;
}
