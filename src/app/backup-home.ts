import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { appendAudit } from '../audit/audit-log.ts';
import { headFile } from '../audit/head-file.ts';
import { setAsideHeads } from '../audit/restore-heads.ts';
import { RESTORED_MARK } from '../db/backup/manifest.ts';
import { restoreBackup, type Restored } from '../db/backup/restore-backup.ts';
import { takeBackup } from '../db/backup/take-backup.ts';
import type { Manifest } from '../db/backup/manifest.ts';
import { startEmbedded, type Embedded } from '../db/embedded/start-embedded.ts';
import { migrate } from '../db/migrate.ts';
import { openStore, type Store, type TenantTx } from '../db/store.ts';
import { listTenants } from '../db/tenants.ts';
import { doubtOpenIntents } from '../delivery/doubted-intents.ts';
import { version } from './version.ts';

/** Copies the embedded store of a home into a new folder, while it works. */
export function backUpHome(home: string, to: string): Promise<Manifest> {
  return takeBackup({ home, to, version: version() });
}

/** What a restore did. */
export interface RestoredHome extends Restored {
  /** Effects that the connected systems are asked about before anything is sent. */
  readonly open: number;
}

/** Puts a backup in the place of a home's embedded store, and doubts what it says. Nothing of Trueup may run. */
export async function restoreHome(home: string, from: string): Promise<RestoredHome> {
  const restored = await restoreBackup({ home, from });
  const server = await startEmbedded({ home });
  try {
    return { ...restored, open: (await finishRestore(home, server)) ?? 0 };
  } finally {
    await server.stop();
  }
}

/**
 * Doubts a store that was restored, once: a restore that broke off before is made up for by whoever starts the store
 * next, before anything is sent. Null for a store that was not restored.
 */
export async function finishRestore(
  home: string,
  { url, dataFolder }: Pick<Embedded, 'url' | 'dataFolder'>,
): Promise<number | null> {
  const mark = join(dataFolder, RESTORED_MARK);
  const takenAt = await readFile(mark, 'utf8').catch(() => null);
  if (takenAt === null) return null;
  const open = await doubtStore({ home, url, takenAt: takenAt.trim() });
  await rm(mark, { force: true });
  return open;
}

/**
 * Leaves a restored store in doubt of everything open: the ledger may be behind the world, so each connected system is
 * asked what it holds before it is written (F-61). Returns how many effects that concerns. `takenAt`: of the backup, where
 * it is known.
 */
export async function doubtStore(restored: {
  readonly home: string;
  readonly url: string;
  readonly takenAt?: string;
}): Promise<number> {
  await migrate({ url: restored.url });
  const store = openStore({ url: restored.url, poolSize: 1 });
  try {
    return await doubtTenants(store, restored);
  } finally {
    await store.close();
  }
}

async function doubtTenants(
  store: Store,
  about: { readonly home: string; readonly takenAt?: string },
): Promise<number> {
  let sum = 0;
  for (const { id } of await listTenants(store))
    sum += await store.withTenant(id, (tx) => doubtTenant(tx, about));
  return sum;
}

async function doubtTenant(
  tx: TenantTx,
  { home, takenAt }: { readonly home: string; readonly takenAt?: string },
): Promise<number> {
  const openIntents = await doubtOpenIntents(tx, takenAt ?? null);
  const path = headFile(home, tx.tenantId);
  const now = (await tx.clock()).toISOString();
  const cut = await setAsideHeads(tx, path, `${path}.before-${now.replaceAll(/[:.]/g, '-')}`);
  await appendAudit(tx, {
    actor: 'system:restore',
    action: 'store.restored',
    subject: { type: 'store', id: tx.tenantId },
    details: {
      takenAt: takenAt ?? null,
      openIntents,
      // The last of what was proven and is not in the store any more.
      cutAt: cut === null ? null : { seq: cut.seq, hash: cut.hash, at: cut.at },
    },
  });
  return openIntents;
}
