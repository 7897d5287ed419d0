import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type { Config } from '../config/read-environment.ts';
import { createApiClient, type ApiClient } from './api-client.ts';
import { ensureHomeServer } from './home/ensure-home-server.ts';
import { createOutput, type Output } from './output.ts';
import { UsageError } from './usage-error.ts';

/** What a command works with. */
export interface Cli {
  readonly config: Config;
  /** The API: of `--url`, else of the home's own server, which is started when it does not run. */
  api(command: Command): Promise<ApiClient>;
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
    api: async (command) => {
      const { url = config.url, tokenFile, tenant = config.tenantId } = globals(command);
      if (url === undefined) {
        const home = await ensureHomeServer(config, {
          tenantId: tenant,
          tell: (text) => output(command).message(text),
        });
        return createApiClient({
          url: home.url,
          key: tokenFile === undefined ? (config.key ?? home.key) : await keyFrom(tokenFile),
        });
      }
      const key = tokenFile === undefined ? config.key : await keyFrom(tokenFile);
      if (key === undefined)
        throw new UsageError(
          'A server was named with --url, but no key: set TRUEUP_KEY, or give --token-file.',
        );
      return createApiClient({ url: url.replace(/\/$/, ''), key });
    },
  };
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
