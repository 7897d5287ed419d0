import { relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { z } from 'zod';
import { ConfigError, messageOf } from '../kernel/errors.ts';
import type { PlugInKind } from './plug-in-shapes.ts';

/** Where a plug-in lies. */
export interface PlugInFile {
  readonly root: string;
  readonly path: string;
  /** The folder's or the file's name, which its definition repeats. */
  readonly name: string;
}

/**
 * Imports a plug-in and checks its default export. ConfigError, naming the file and each member that does not
 * fit, when it cannot be imported, exports no default, or has another shape or name.
 */
export async function loadPlugIn<Definition>(
  kind: PlugInKind<Definition>,
  file: PlugInFile,
): Promise<Definition> {
  const where = relative(file.root, file.path);
  const exported = await importDefault(file.path, where, kind.define);
  const checked = kind.shape.safeParse(exported);
  if (!checked.success) throw misfit(where, checked.error);
  // Checked just above. The value itself is kept, because parsing would copy it and lose its methods' `this`.
  const definition = exported as Definition;
  if (kind.fileNameOf(definition) === file.name) return definition;
  throw new ConfigError(
    `${where}: ${kind.nameMember} is "${kind.nameOf(definition)}", but must be "${file.name}", as the file is called.`,
  );
}

async function importDefault(path: string, where: string, define: string): Promise<unknown> {
  const module = await importFile(path, where);
  if (typeof module === 'object' && module !== null && 'default' in module) return module.default;
  throw new ConfigError(
    `${where} has no default export. End it with: export default ${define}({ … }).`,
  );
}

async function importFile(path: string, where: string): Promise<unknown> {
  try {
    const module: unknown = await import(pathToFileURL(path).href);
    return module;
  } catch (error) {
    throw new ConfigError(`${where} cannot be loaded: ${messageOf(error)}`, { cause: error });
  }
}

function misfit(where: string, error: z.ZodError): ConfigError {
  const problems = error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
  const told = problems.map(({ path, message }) => (path === '' ? message : `${path} ${message}`));
  return new ConfigError(`${where} does not fit: ${told.join('; ')}.`, {
    details: { file: where, problems },
  });
}
