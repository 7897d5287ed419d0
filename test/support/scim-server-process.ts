import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, rmdirSync } from 'node:fs';
import { delimiter, dirname, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';

const FOLDER = resolve(import.meta.dirname, 'scim-server');
const LOCK = resolve(FOLDER, '.installing');
/** npm writes this file last, so it stands for a whole install. */
const INSTALLED = resolve(FOLDER, 'node_modules/.package-lock.json');
const INSTALL_LIMIT_MS = 120_000;

export interface ScimServerProcess {
  readonly url: string;
  readonly token: string;
  stop(): Promise<void>;
}

const Announcement = z.object({ url: z.url(), token: z.string() });

function install(): void {
  // npm must run on this Node, not on an older one of the system.
  const path = `${dirname(process.execPath)}${delimiter}${process.env['PATH'] ?? ''}`;
  const { status, stderr } = spawnSync(
    'npm',
    ['ci', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'],
    { cwd: FOLDER, env: { ...process.env, PATH: path }, encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`npm ci in test/support/scim-server failed:\n${stderr}`);
}

/** Installs the server's own packages once; two test files that ask at the same time install once. */
async function ensureInstalled(): Promise<void> {
  const deadline = Date.now() + INSTALL_LIMIT_MS;
  while (!existsSync(INSTALLED)) {
    try {
      mkdirSync(LOCK);
    } catch {
      // Somebody else installs. A lock that outlives the limit was left by a process that died.
      if (Date.now() > deadline) rmdirSync(LOCK);
      await delay(200);
      continue;
    }
    try {
      install();
    } finally {
      rmdirSync(LOCK);
    }
  }
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((found, failed) => {
    if (child.stdout === null) return failed(new Error('The SCIM server has no output.'));
    createInterface({ input: child.stdout }).once('line', found);
    child.once('error', failed);
    child.once('exit', (code) => failed(new Error(`The SCIM server ended with code ${code}.`)));
  });
}

/**
 * Starts the independent SCIM server (scimmy-routers on Express 4) with that many users, installing its packages
 * first where they are missing. Stop it in the test that started it.
 */
export async function startScimServer(users: number): Promise<ScimServerProcess> {
  await ensureInstalled();
  const child = spawn(process.execPath, ['server.mjs', '--users', String(users)], {
    cwd: FOLDER,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const { url, token } = Announcement.parse(JSON.parse(await firstLine(child)));
  const ended = new Promise<void>((done) => {
    child.once('exit', () => done());
  });
  return {
    url,
    token,
    stop: async () => {
      child.kill();
      await ended;
    },
  };
}
