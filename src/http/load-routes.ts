import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { InternalError } from '../kernel/errors.ts';
import type { Route } from './define-route.ts';

/**
 * Every route below `routes/`, by path: a resource is one file that exports its list as `routes`.
 * Throws an InternalError, naming the file, if one exports none, and if two routes share method and path.
 */
export async function loadRoutes(): Promise<readonly Route[]> {
  const folder = join(import.meta.dirname, 'routes');
  const files = (await readdir(folder))
    .filter((name) => /^[a-z0-9-]+\.[jt]s$/.test(name))
    .toSorted();
  const lists = await Promise.all(files.map((file) => loadFile(join(folder, file))));
  const routes = lists.flat();
  const seen = new Set<string>();
  for (const route of routes) {
    const name = `${route.method} ${route.path}`;
    if (seen.has(name)) throw new InternalError(`Two routes are declared as ${name}.`);
    seen.add(name);
  }
  return routes;
}

async function loadFile(path: string): Promise<readonly Route[]> {
  const loaded = (await import(pathToFileURL(path).href)) as { readonly routes?: readonly Route[] };
  if (loaded.routes !== undefined) return loaded.routes;
  throw new InternalError(`${path} exports no list named routes.`);
}
