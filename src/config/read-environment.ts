import { resolve } from 'node:path';
import { ConfigError } from '../kernel/errors.ts';
import { parseKillPlan, type KillPlan } from '../kernel/kill-point.ts';
import { Environment } from './environment.ts';
import { VARIABLES, rawValue, type ProcessEnvironment } from './raw-environment.ts';

/** The checked configuration of this process. Paths are absolute. */
export interface Config {
  readonly home: string;
  readonly role: Environment['TRUEUP_ROLE'];
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Of a worker's figures, on a loopback address. 0: any free port. */
  readonly metricsPort: number;
  /** Undefined: the home's embedded store. */
  readonly databaseUrl: string | undefined;
  /** Undefined: the queue lives in PostgreSQL. */
  readonly redisUrl: string | undefined;
  /** The pinned business date, for `systemClock`. */
  readonly today: string | undefined;
  readonly tenantId: string;
  readonly kekFile: string | undefined;
  /** Undefined: `~/.config`. */
  readonly configFolder: string | undefined;
  readonly logLevel: Environment['TRUEUP_LOG_LEVEL'];
  /** The server that the command line talks to. */
  readonly url: string | undefined;
  /** The API key that the command line sends. */
  readonly key: string | undefined;
  readonly poolSize: number;
  readonly workerConcurrency: number;
  /** The folder of plug-ins; undefined: the one that Trueup runs from. */
  readonly root: string | undefined;
  /** Where this process is to die; null, unless a test of crashes asks for it. */
  readonly killPlan: KillPlan | null;
}

/**
 * Reads the configuration, once, at the start of a process; nothing else reads `process.env`. ConfigError lists
 * every variable that is wrong, by name and without its value, because it may be a secret.
 */
export function readEnvironment(
  env: ProcessEnvironment = process.env,
  cwd: string = process.cwd(),
): Config {
  const raw = VARIABLES.map((name) => [name, rawValue(env, name)] as const);
  const unread = raw.flatMap(([name, { problem }]) =>
    problem === undefined ? [] : [{ name, problem }],
  );
  const parsed = Environment.safeParse(
    Object.fromEntries(raw.map(([name, { value }]) => [name, value])),
  );
  const misfits = (parsed.error?.issues ?? []).map(({ path, message }) => ({
    name: String(path[0]),
    problem: message,
  }));
  if (!parsed.success || unread.length > 0) throw wrong([...unread, ...misfits]);
  return configOf(parsed.data, cwd);
}

function wrong(problems: readonly { readonly name: string; readonly problem: string }[]) {
  const told = problems.map(({ name, problem }) => `${name} ${problem}`).join('; ');
  return new ConfigError(
    `The environment is not right: ${told}. See what is set with: trueup config show.`,
    { details: { problems } },
  );
}

function configOf(values: Environment, cwd: string): Config {
  const path = (text: string | undefined) => (text === undefined ? undefined : resolve(cwd, text));
  return {
    home: resolve(cwd, values.TRUEUP_HOME),
    role: values.TRUEUP_ROLE,
    host: values.TRUEUP_HOST,
    port: values.TRUEUP_PORT,
    metricsPort: values.TRUEUP_METRICS_PORT,
    databaseUrl: values.DATABASE_URL,
    redisUrl: values.REDIS_URL,
    today: values.TRUEUP_TODAY,
    tenantId: values.TRUEUP_TENANT,
    kekFile: path(values.TRUEUP_KEK_FILE),
    configFolder: path(values.XDG_CONFIG_HOME),
    logLevel: values.TRUEUP_LOG_LEVEL,
    url: values.TRUEUP_URL,
    key: values.TRUEUP_KEY,
    poolSize: values.TRUEUP_POOL_SIZE,
    workerConcurrency: values.TRUEUP_WORKER_CONCURRENCY,
    root: path(values.TRUEUP_ROOT),
    killPlan: parseKillPlan(values.TRUEUP_KILL_POINT ?? ''),
  };
}
