import { spawn } from 'node:child_process';
import { chown, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { ConfigError, messageOf } from '../../kernel/errors.ts';
import { callOptions, type Cluster } from './cluster.ts';
import { asCall, type Privileges } from './privileges.ts';
import { findEmbedded, openCluster, type EmbeddedOptions } from './start-embedded.ts';
import { withStartLock } from './start-lock.ts';

/**
 * Puts other files in the place of a home's store, which must not run: `fill` writes them into the folder that it is
 * given, then the store is brought to a consistent state under this home's passwords, and only then it takes the place
 * of the old one. Returns where the old one lies now; null if there was none. When anything fails the old one stays.
 * Throws ConfigError while the store runs, and where the files are no store.
 */
export async function replaceData(
  options: EmbeddedOptions,
  fill: (folder: string) => Promise<void>,
): Promise<string | null> {
  const cluster = await openCluster(options);
  return await withStartLock(join(cluster.place.folder, 'start.lock'), async () => {
    if ((await findEmbedded(options)) !== undefined)
      throw new ConfigError(
        `The store of ${options.home} runs. Stop it first: trueup down. Nothing was changed.`,
      );
    const draft = `${cluster.dataFolder}.restoring`;
    await rm(draft, { recursive: true, force: true });
    await mkdir(draft, { mode: 0o700 });
    try {
      await fill(draft);
      await handOver(draft, cluster.privileges);
      await setPasswords(cluster, draft);
      return await swap(cluster.dataFolder, draft);
    } finally {
      await rm(draft, { recursive: true, force: true });
    }
  });
}

/** The server's user must own what the server opens. */
async function handOver(folder: string, privileges: Privileges): Promise<void> {
  if (privileges.kind !== 'user') return;
  const { uid, gid } = privileges;
  await chown(folder, uid, gid);
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true }))
    await chown(join(entry.parentPath, entry.name), uid, gid);
}

/** Recovers the files and gives the two roles the passwords of this home: in single-user mode nobody is asked for one. */
async function setPasswords(cluster: Cluster, folder: string): Promise<void> {
  const { superuser, owner } = cluster.credentials;
  const args = ['--single', '-j', '-D', folder, '-c', 'log_min_messages=log', 'postgres'];
  const call = asCall(cluster.privileges, cluster.place.binaries.postgres, args);
  const child = spawn(call.file, [...call.args], {
    ...callOptions(call),
    cwd: cluster.place.folder,
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  const said = text(child.stderr);
  child.stdin.on('error', () => undefined);
  child.stdin.end(
    `alter role postgres password '${superuser}';\n\nalter role trueup password '${owner}';\n\n`,
  );
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  }).catch((error: unknown) => {
    throw new ConfigError(`PostgreSQL did not start on the backup: ${messageOf(error)}`);
  });
  const log = await said;
  if (code === 0 && !/^.*\b(ERROR|FATAL|PANIC):/m.test(log)) return;
  throw new ConfigError(
    `The backup is no sound store. PostgreSQL said:\n${log.trim().slice(-2_000)}`,
  );
}

async function swap(dataFolder: string, draft: string): Promise<string | null> {
  const hadOne = await stat(dataFolder).then(
    () => true,
    () => false,
  );
  const aside = `${dataFolder}.before-${new Date().toISOString().replaceAll(/[:.]/g, '-')}`;
  if (hadOne) await rename(dataFolder, aside);
  await rename(draft, dataFolder);
  return hadOne ? aside : null;
}
