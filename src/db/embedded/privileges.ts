import { execFile } from 'node:child_process';
import {
  access,
  chmod,
  chown,
  constants,
  cp,
  mkdir,
  readFile,
  rename,
  stat,
} from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { ConfigError } from '../../kernel/errors.ts';
import { binariesIn, type Binaries } from './binaries.ts';

/**
 * PostgreSQL refuses to run as root. `plain`: we are not root. `namespace`: root enters a user namespace in
 * which it has another number, and so keeps its rights to its own folders. `user`: a real unprivileged user.
 */
export type Privileges =
  | { readonly kind: 'plain' }
  | { readonly kind: 'namespace'; readonly uid: number; readonly gid: number }
  | { readonly kind: 'user'; readonly uid: number; readonly gid: number };

/** A program call, adapted to the privileges. */
export interface Call {
  readonly file: string;
  readonly args: readonly string[];
  readonly uid?: number;
  readonly gid?: number;
}

const run = promisify(execFile);
/** Where store and programs go when the unprivileged user cannot reach the home or node_modules. */
const SHARED = '/var/lib/trueup';
const PREFERRED = ['postgres', 'nobody'];

/** Finds out how to run PostgreSQL here; `avoid` skips a way, for tests. */
export async function choosePrivileges(avoid?: 'namespace'): Promise<Privileges> {
  if (process.getuid?.() !== 0) return { kind: 'plain' };
  // initdb asks for its user's name, so the number must be one that the system knows.
  const user = await findUser();
  if (avoid === 'namespace') return { kind: 'user', ...user };
  const namespace: Privileges = { kind: 'namespace', ...user };
  const trial = asCall(namespace, 'true', []);
  const works = await run(trial.file, [...trial.args]).then(
    () => true,
    () => false,
  );
  return works ? namespace : { kind: 'user', ...user };
}

async function findUser(): Promise<{ readonly uid: number; readonly gid: number }> {
  const lines = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  const users = lines.filter((fields) => /^[1-9]\d*$/.test(fields[2] ?? ''));
  const chosen =
    PREFERRED.map((name) => users.find((fields) => fields[0] === name)).find(Boolean) ?? users[0];
  if (chosen === undefined) {
    throw new ConfigError(
      'PostgreSQL does not run as root and /etc/passwd has no other user. Add one.',
    );
  }
  return { uid: Number(chosen[2]), gid: Number(chosen[3]) };
}

/** The call of a program under the given privileges. */
export function asCall(privileges: Privileges, file: string, args: readonly string[]): Call {
  if (privileges.kind === 'plain') return { file, args };
  const { uid, gid } = privileges;
  if (privileges.kind === 'user') return { file, args, uid, gid };
  const wrap = ['--user', `--map-user=${uid}`, `--map-group=${gid}`, '--', file];
  return { file: 'unshare', args: [...wrap, ...args] };
}

/** Where the store of a home lives, and with which programs, such that the server may use both. */
export interface Place {
  readonly folder: string;
  readonly binaries: Binaries;
}

/** Makes the store's folder (0700, owned by the server's user). For `user` it may lie outside an unreachable home. */
export async function preparePlace(
  privileges: Privileges,
  folder: string,
  binaries: Binaries,
): Promise<Place> {
  if (privileges.kind !== 'user') {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return { folder, binaries };
  }
  await mkdir(dirname(folder), { recursive: true });
  const name = createHash('sha256').update(folder).digest('hex').slice(0, 24);
  const place: Place = {
    folder: (await canReach(dirname(folder), privileges)) ? folder : join(SHARED, name),
    binaries: (await canReach(binaries.postgres, privileges))
      ? binaries
      : await copyBinaries(binaries),
  };
  if (place.folder !== folder) await makeShared();
  await mkdir(place.folder, { recursive: true, mode: 0o700 });
  await chown(place.folder, privileges.uid, privileges.gid);
  return place;
}

async function canReach(path: string, privileges: Privileges): Promise<boolean> {
  const call = asCall(privileges, 'test', ['-x', path]);
  const ids = {
    ...(call.uid === undefined ? {} : { uid: call.uid }),
    ...(call.gid === undefined ? {} : { gid: call.gid }),
  };
  return await run(call.file, [...call.args], ids).then(
    () => true,
    () => false,
  );
}

/** A world-readable copy, made once per build of the programs; the rename makes it appear whole. */
async function copyBinaries(binaries: Binaries): Promise<Binaries> {
  const { size, mtimeMs } = await stat(binaries.postgres);
  const target = binariesIn(join(SHARED, `postgres-${size}-${Math.trunc(mtimeMs)}`));
  const there = await access(target.postgres, constants.X_OK).then(
    () => true,
    () => false,
  );
  if (there) return target;
  const draft = `${target.root}.${process.pid}`;
  await makeShared();
  await cp(binaries.root, draft, { recursive: true, verbatimSymlinks: true });
  await rename(draft, target.root).catch(() => undefined);
  return target;
}

async function makeShared(): Promise<void> {
  await mkdir(SHARED, { recursive: true });
  await chmod(SHARED, 0o755);
}
