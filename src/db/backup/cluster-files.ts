import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '../code-of.ts';
import { RESTORED_MARK } from './manifest.ts';

/** Folders whose files belong to the running server (as pg_basebackup leaves them out); the log is copied by itself. */
const EMPTY = new Set([
  'pg_dynshmem',
  'pg_notify',
  'pg_replslot',
  'pg_serial',
  'pg_snapshots',
  'pg_stat_tmp',
  'pg_subtrans',
  'pg_wal',
  'pg_wal/archive_status',
  'pg_wal/summaries',
]);

/** Files that speak of the running server, or that it makes anew. */
const LEFT_OUT = new Set([
  'backup_label',
  'backup_label.old',
  'backup_manifest',
  'current_logfiles.tmp',
  'postmaster.opts',
  'postmaster.pid',
  'postgresql.auto.conf.tmp',
  'tablespace_map',
  RESTORED_MARK,
]);

const isLeftOut = (name: string): boolean =>
  LEFT_OUT.has(name) || name.startsWith('pgsql_tmp') || name.startsWith('pg_internal.init');

/** What of a cluster's folder belongs into a backup, paths with `/`, in order. */
export interface ClusterFiles {
  readonly folders: readonly string[];
  readonly files: readonly string[];
}

/** Lists the files of a cluster that a backup copies. What vanishes meanwhile is not missed: the log tells of it. */
export async function listClusterFiles(dataFolder: string): Promise<ClusterFiles> {
  const folders: string[] = [];
  const files: string[] = [];
  const walk = async (below: string): Promise<void> => {
    const entries = await readdir(join(dataFolder, below), { withFileTypes: true }).catch(ifGone);
    for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = below === '' ? entry.name : `${below}/${entry.name}`;
      if (isLeftOut(entry.name)) continue;
      if (entry.isDirectory()) {
        folders.push(path);
        await walk(path);
      } else if (entry.isFile() && !EMPTY.has(below)) files.push(path);
    }
  };
  await walk('');
  return { folders, files };
}

function ifGone(error: unknown): never[] {
  if (codeOf(error) === 'ENOENT') return [];
  throw error;
}
