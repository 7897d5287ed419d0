import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type { Config } from '../config/read-environment.ts';
import { createApiClient, type ApiClient } from './api-client.ts';
import { writeAdminKey } from './home/admin-key.ts';
import { ensureHomeServer } from './home/ensure-home-server.ts';
import { createOutput, type Output } from './output.ts';
import { UsageError } from './usage-error.ts';

/** What a command works with. */
export interface Cli {
  readonly config: Config;
  /** The API: of `--url`, else of the home's own server, which is started when it does not run. */
  api(command: Command): Promise<ApiClient>;
  /**
   * Keeps the key of a new company's administrator in the home, so that `--tenant` works at once, and returns true. Does
   * nothing when the command talks to another server than the home's own: its keys are not this home's.
   */
  keepAdminKey(command: Command, tenantId: string, key: string): Promise<boolean>;
  output(command: Command): Output;
}

interface GlobalOptions {
  readonly json?: boolean;
  readonly url?: string;
  readonly tokenFile?: string;
  readonly tenant?: string;
}

/** Creates the context of one run of the program. */
export function createCli(config: Config): Cli {
  const output = (command: Command): Output =>
    createOutput({ out: process.stdout, err: process.stderr }, globals(command).json === true);
  return {
    config,
    output,
    keepAdminKey: async (command, tenantId, key) => {
      if ((globals(command).url ?? config.url) !== undefined) return false;
      await writeAdminKey(config.home, tenantId, key);
      return true;
    },
    api: async (command) => {
      const { url = config.url, tokenFile, tenant } = globals(command);
      const key = tokenFile === undefined ? config.key : await keyFrom(tokenFile);
      if (key !== undefined && tenant !== undefined) requireKeyOf(tenant, key);
      if (url === undefined) {
        const home = await ensureHomeServer(config, {
          tenantId: tenant ?? config.tenantId,
          ...(key === undefined ? {} : { key }),
          tell: (text) => output(command).message(text),
        });
        return createApiClient(home);
      }
      if (key === undefined)
        throw new UsageError(
          'A server was named with --url, but no key: set TRUEUP_KEY, or give --token-file.',
        );
      return createApiClient({ url: url.replace(/\/$/, ''), key });
    },
  };
}

/** A key opens one company, whatever else is said; a command meant for another one must not reach it. */
function requireKeyOf(tenant: string, key: string): void {
  if (key.startsWith('tru_') && !key.startsWith(`tru_${tenant}_`))
    throw new UsageError(`The key is not of the company "${tenant}". Give one that is.`);
}

function globals(command: Command): GlobalOptions {
  return command.optsWithGlobals<GlobalOptions>();
}

async function keyFrom(path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch {
    throw new UsageError(`The key file ${path} cannot be read.`);
  }
}
