import { spawn } from 'node:child_process';
import { mkdir, open, readFile, rm, stat } from 'node:fs/promises';
import { flushCompileCache } from 'node:module';
import { join, resolve } from 'node:path';
import { childEnvironment } from '../../config/child-environment.ts';
import { ConfigError } from '../../kernel/errors.ts';

const MAIN = resolve(import.meta.dirname, '../main.ts');

/** A process that was started for a home and goes on without us. */
export interface RoleProcess {
  readonly pid: number;
  readonly log: string;
  /** Bytes that the log held before: what earlier processes have said. */
  readonly logFrom: number;
  /** Where the process writes its address once it listens. */
  readonly addressFile: string;
}

/**
 * What a home's own processes may take, so that both together stay below 400 MB: V8 would rather grow than clean up
 * (hence `--optimize-for-size` and small steps of growth as well), and glibc keeps freed memory in an arena per thread. For more data give more:
 * `NODE_OPTIONS=--max-old-space-size=…` wins.
 */
const OLD_SPACE_MB = { serve: 160, worker: 256 } as const;
const SEMI_SPACE_MB = 2;
const HEAP_GROWTH_PERCENT = 30;
const MALLOC_ARENAS = '2';

/** Starts `trueup serve` or `trueup worker` for a home, detached, with its output in the home's log folder. */
export async function spawnRole(
  home: string,
  role: 'serve' | 'worker',
  env: Readonly<Record<string, string>>,
): Promise<RoleProcess> {
  await mkdir(join(home, 'log'), { recursive: true, mode: 0o700 });
  const log = join(home, 'log', `${role}.log`);
  const addressFile = join(home, 'run', `${role}.address`);
  await rm(addressFile, { force: true });
  // What this process compiled, the next one need not: on a first start that is 30 MB and a second less for it.
  await import('./run-role.ts');
  flushCompileCache();
  const logFrom = await stat(log).then(
    ({ size }) => size,
    () => 0,
  );
  const out = await open(log, 'a', 0o600);
  const child = spawn(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      '--optimize-for-size',
      `--heap-growing-percent=${HEAP_GROWTH_PERCENT}`,
      MAIN,
      role,
      '--address-file',
      addressFile,
    ],
    {
      detached: true,
      stdio: ['ignore', out.fd, out.fd],
      env: frugal(role, childEnvironment({ ...env, TRUEUP_HOME: home })),
    },
  );
  await out.close();
  if (child.pid === undefined)
    throw new ConfigError(`The process for "trueup ${role}" could not be started.`);
  child.unref();
  return { pid: child.pid, log, logFrom, addressFile };
}

/** The environment with our limits before the user's own, which hold where both are given. */
function frugal(
  role: keyof typeof OLD_SPACE_MB,
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string | undefined> {
  const { NODE_OPTIONS: own = '', ...rest } = env;
  const limits = `--max-old-space-size=${OLD_SPACE_MB[role]} --max-semi-space-size=${SEMI_SPACE_MB}`;
  return { MALLOC_ARENA_MAX: MALLOC_ARENAS, ...rest, NODE_OPTIONS: `${limits} ${own}`.trim() };
}

/** Why a process ended, from what it added to its log: its own last words, or else the last lines. */
export async function lastWords({
  log,
  logFrom,
}: Pick<RoleProcess, 'log' | 'logFrom'>): Promise<string> {
  const bytes = await readFile(log).catch(() => Buffer.alloc(0));
  const lines = bytes.subarray(logFrom).toString('utf8').trimEnd().split('\n').slice(-20);
  const own = lines.findLastIndex((line) => line.startsWith('trueup: '));
  return lines.slice(own === -1 ? -5 : own).join('\n');
}
