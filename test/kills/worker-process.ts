import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';

const MAIN = resolve(import.meta.dirname, '../../src/cli/main.ts');

/** `trueup worker` in a process of its own. */
export interface WorkerProcess {
  readonly pid: number;
  /** What it wrote to standard error so far, its log among it. */
  readonly said: () => string;
  /** The kill point that it came by, as `NAME object kind`; null if it never did. */
  readonly met: () => string | null;
  readonly isOver: () => boolean;
  /** Resolves when it has ended, or after so many milliseconds. */
  ended(milliseconds: number): Promise<boolean>;
  signal(name: NodeJS.Signals): void;
  /** Ends it as an operator would; as a crash does if that takes too long. */
  stop(): Promise<void>;
  /** Ends it as a crash would, and waits until it is gone. */
  kill(): Promise<void>;
}

export interface WorkerOptions {
  /** As TRUEUP_KILL_POINT has it. */
  readonly killPoint?: string | undefined;
  readonly env?: Readonly<Record<string, string>>;
  /** For Node itself. */
  readonly nodeArguments?: readonly string[];
  /** `worker`: without the sweeper. */
  readonly role?: 'all' | 'worker';
}

/** Where `./trueup` has Node keep what it compiled: a worker that was not killed fills it. */
const COMPILED = resolve(import.meta.dirname, '../../node_modules/.cache/trueup');
const STOP_MS = 20_000;
const FOREIGN = /^(TRUEUP_|DATABASE_URL|REDIS_URL|NODE_OPTIONS|JEST_)/;

/** Starts one and waits until it works. Throws with its own words when it does not. */
export async function startWorkerProcess(
  env: Readonly<Record<string, string>>,
  options: WorkerOptions = {},
): Promise<WorkerProcess> {
  const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !FOREIGN.test(name))); // prettier-ignore
  const { killPoint, nodeArguments = [], role = 'all' } = options;
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', ...nodeArguments, MAIN, 'worker'],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...own,
        NODE_ENV: 'test',
        NODE_COMPILE_CACHE: COMPILED,
        TRUEUP_ROLE: role,
        TRUEUP_POOL_SIZE: '6',
        ...(killPoint === undefined ? {} : { TRUEUP_KILL_POINT: killPoint }),
        ...env,
        ...options.env,
      },
    },
  );
  const over = new Promise<void>((done) => {
    child.once('exit', () => done());
  });
  const lines: string[] = [];
  const worker: WorkerProcess = {
    pid: child.pid ?? 0,
    said: () => lines.join('\n'),
    met: () => /^kill point (.+)$/m.exec(lines.join('\n'))?.[1] ?? null,
    isOver: () => child.exitCode !== null || child.signalCode !== null,
    ended: async (milliseconds) => {
      const late = Promise.withResolvers<void>();
      const timer = setTimeout(late.resolve, milliseconds);
      await Promise.race([over, late.promise]);
      clearTimeout(timer);
      return worker.isOver();
    },
    signal: (name) => {
      child.kill(name);
    },
    stop: async () => {
      worker.signal('SIGTERM');
      await worker.ended(STOP_MS);
      await worker.kill();
    },
    kill: async () => {
      if (!worker.isOver()) child.kill('SIGKILL');
      await over;
    },
  };
  await ready(child, lines, over);
  return worker;
}

/** An armed worker may die before it says that it is ready: that is no failure of the start. */
async function ready(
  child: ReturnType<typeof spawn>,
  lines: string[],
  over: Promise<void>,
): Promise<void> {
  const works = Promise.withResolvers<void>();
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue;
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      if (line.includes('Worker is ready')) works.resolve();
    });
  }
  await Promise.race([works.promise, over]);
  if (child.exitCode !== null && child.exitCode !== 0)
    throw new Error(`The worker ended with ${child.exitCode}: ${lines.slice(-5).join('\n')}`);
}
