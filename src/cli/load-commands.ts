import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Command } from 'commander';
import { InternalError } from '../kernel/errors.ts';
import type { Cli } from './cli.ts';

/** What a file below `commands/` exports as `register`: it adds its noun to the program. */
export type RegisterCommand = (program: Command, cli: Cli) => void;

/** Every noun below `commands/`, in the order of their names. Adding one is one file. */
export async function loadCommands(): Promise<readonly RegisterCommand[]> {
  const folder = join(import.meta.dirname, 'commands');
  const files = (await readdir(folder))
    .filter((name) => /^[a-z0-9-]+\.[jt]s$/.test(name))
    .toSorted();
  return Promise.all(files.map((file) => loadFile(join(folder, file))));
}

async function loadFile(path: string): Promise<RegisterCommand> {
  const loaded = (await import(pathToFileURL(path).href)) as {
    readonly register?: RegisterCommand;
  };
  if (loaded.register === undefined)
    throw new InternalError(`${path} exports no function named register.`);
  return loaded.register;
}
