import { rename, rm } from 'node:fs/promises';
import type { TenantTx } from '../db/store.ts';
import { hashAt } from './chain-store.ts';
import { appendHeads, readHeads } from './head-file.ts';
import type { AuditHead } from './head.ts';

/**
 * After the store was restored from a backup: exported heads that its chain does not hold go into the file `aside`, where
 * they go on proving what was there, so that the shorter chain can be sealed on. Returns the newest of them, for the event
 * that tells of the restore; null if the chain holds them all.
 */
export async function setAsideHeads(
  tx: TenantTx,
  path: string,
  aside: string,
): Promise<AuditHead | null> {
  const kept: AuditHead[] = [];
  const lost: AuditHead[] = [];
  for (const head of await readHeads(path))
    ((await hashAt(tx, head.seq)) === head.hash ? kept : lost).push(head);
  if (lost.length === 0) return null;
  await appendHeads(aside, lost);
  const draft = `${path}.restored`;
  await rm(draft, { force: true });
  await appendHeads(draft, kept);
  await (kept.length === 0 ? rm(path) : rename(draft, path));
  return lost.at(-1) ?? null;
}
