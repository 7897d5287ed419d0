import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';
import { makeTestHome } from './test-home.ts';

export const LAUNCHER = resolve(import.meta.dirname, '../../trueup');
/** A command that takes longer than this is ended; the test then shows what it printed. */
const PATIENCE_MS = 240_000;

/** What a command left behind. */
export interface CliResult {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** What runs for a home, as its `run/server.json` says. */
export const HomeProcesses = z.object({
  url: z.url(),
  apiPid: z.number().int(),
  workerPid: z.number().int(),
});
export type HomeProcesses = z.infer<typeof HomeProcesses>;

/** A `TRUEUP_HOME` of its own, and the program as its user would start it there: in a process of its own. */
export interface CliHome {
  readonly folder: string;
  /** A folder outside the home, for what a user has lying around: key files, settings, a mapping tree. */
  readonly desk: string;
  run(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<CliResult>;
  /** Runs with `--json` and reads the answer; throws with the command's own words when it failed. */
  json<T>(args: readonly string[], shape: z.ZodType<T>): Promise<T>;
  /** Puts a secret into a file and gives its path. */
  secretFile(text: string): Promise<string>;
  processes(): Promise<HomeProcesses>;
  /** The administrator's key of the home. */
  adminKey(): Promise<string>;
  /** Ends everything that runs for the home and removes it. */
  stop(): Promise<void>;
}

/** Makes an empty home. Nothing of the caller's own configuration reaches it but `env`. */
export async function makeCliHome(env: Readonly<Record<string, string>> = {}): Promise<CliHome> {
  const [folder, desk] = await Promise.all([makeTestHome(), makeTestHome()]);
  const base = { ...cleanEnvironment(), ...env, TRUEUP_HOME: folder, XDG_CONFIG_HOME: desk };
  const run: CliHome['run'] = (args, more = {}) => runProgram(args, { ...base, ...more });
  return {
    folder,
    desk,
    run,
    json: async (args, shape) => {
      const { code, out, err } = await run([...args, '--json']);
      if (code !== 0) throw new Error(`trueup ${args.join(' ')} ended with ${code}: ${err}`);
      return shape.parse(JSON.parse(out));
    },
    secretFile: async (text) => {
      const path = join(await mkdtemp(join(desk, 'secret-')), 'value');
      await writeFile(path, text, { mode: 0o600 });
      return path;
    },
    processes: async () =>
      HomeProcesses.parse(JSON.parse(await readFile(join(folder, 'run', 'server.json'), 'utf8'))),
    adminKey: async () => (await readFile(join(folder, 'admin-default.key'), 'utf8')).trim(),
    stop: async () => {
      await run(['down']);
      await Promise.all([folder, desk].map((path) => rm(path, { recursive: true, force: true })));
    },
  };
}

/** The variables of this process without those that would lead the program elsewhere. */
function cleanEnvironment(): Record<string, string> {
  const foreign = /^(TRUEUP_|DATABASE_URL|REDIS_URL|NODE_OPTIONS|JEST_)/;
  return Object.fromEntries(
    Object.entries(process.env).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && !foreign.test(entry[0]),
    ),
  );
}

function runProgram(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<CliResult> {
  return new Promise((done, failed) => {
    const child = spawn(LAUNCHER, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const limit = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.once('error', failed);
    // What a command leaves running may hold its output open, so the end of the process counts, not of its output.
    child.once('exit', (code) => {
      clearTimeout(limit);
      setImmediate(() => done({ code: code ?? -1, out: textOf(out), err: textOf(err) }));
    });
  });
}

const textOf = (chunks: readonly Buffer[]): string => Buffer.concat(chunks).toString('utf8');

/** Asks again until there is an answer. Throws, saying what was waited for, after `seconds`. */
export async function waitFor<T>(
  what: string,
  ask: () => Promise<T | undefined>,
  seconds = 60,
): Promise<T> {
  const ends = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() >= ends) throw new Error(`Waited ${seconds} s for ${what}, in vain.`);
    await delay(50);
  }
}

/** True while a process of that id runs. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Memory that a process holds, in bytes of resident set; 0 once it is gone. Linux only. */
export const residentBytes = async (pid: number): Promise<number> => (await memoryOf(pid)).all;

/** Memory that processes of one program hold together: what each has alone, and once what they share of its files. */
export async function heldTogether(pids: readonly number[]): Promise<number> {
  const each = await Promise.all(pids.map(memoryOf));
  const own = each.reduce((sum, { all, files }) => sum + all - files, 0);
  return own + Math.max(0, ...each.map(({ files }) => files));
}

async function memoryOf(pid: number): Promise<{ readonly all: number; readonly files: number }> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const bytes = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? 0) * 1024;
  return { all: bytes('VmRSS'), files: bytes('RssFile') };
}
