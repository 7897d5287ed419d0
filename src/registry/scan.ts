import { readdir } from 'node:fs/promises';
import { extname, join, relative } from 'node:path';
import { ConfigError } from '../kernel/errors.ts';
import type { PlugInFile } from './load-plug-in.ts';

/** `.ts` in a checkout, `.js` in a build: plug-ins lie in the same form as this file. */
const EXTENSION = extname(import.meta.filename);
const ENTRY = `index${EXTENSION}`;

/** Every folder below `folder` as a plug-in: its `index` file. ConfigError for a folder without one. */
export async function scanFolders(root: string, folder: string): Promise<readonly PlugInFile[]> {
  const base = join(root, folder);
  const entries = await readdir(base, { withFileTypes: true }).catch(() => missing(root, base));
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  return await Promise.all(
    names.toSorted().map(async (name) => {
      const path = join(base, name, ENTRY);
      if (await holds(join(base, name), ENTRY)) return { root, path, name };
      throw new ConfigError(`${relative(root, path)} is missing: every folder there is a plug-in.`);
    }),
  );
}

/** Every file of `folder` as a plug-in, without tests. A folder that may be absent gives none. */
export async function scanFiles(
  root: string,
  folder: string,
  options: { readonly optional: boolean },
): Promise<readonly PlugInFile[]> {
  const base = join(root, folder);
  const names = await readdir(base).catch(() => (options.optional ? [] : missing(root, base)));
  return names
    .filter((name) => name.endsWith(EXTENSION) && !/\.(test|d)\.\w+$/.test(name))
    .toSorted()
    .map((name) => ({ root, path: join(base, name), name: name.slice(0, -EXTENSION.length) }));
}

/** The twin of a connector, or undefined if it has none. */
export async function findTwin(root: string, system: string): Promise<PlugInFile | undefined> {
  const folder = join(root, 'connectors', system, 'twin');
  if (!(await holds(folder, ENTRY))) return undefined;
  return { root, path: join(folder, ENTRY), name: system };
}

async function holds(folder: string, name: string): Promise<boolean> {
  const names = await readdir(folder).catch((): string[] => []);
  return names.includes(name);
}

function missing(root: string, folder: string): never {
  throw new ConfigError(
    `There is no folder "${relative(root, folder)}" in ${root}. TRUEUP_ROOT must name the folder of Trueup.`,
  );
}
