import { appendAudit } from '../../audit/audit-log.ts';
import { keysFromSeed } from '../../audit/head.ts';
import { getPack, listPacks, packContent, type SavedPack } from '../../audit/evidence/packs.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';
import { packSeed } from '../evidence/pack-keys.ts';

/** The packs of the company, newest first; `before` is the id after which the list goes on. */
export function listEvidencePacks(
  deps: Deps,
  caller: Caller,
  page: { readonly before?: string | undefined; readonly limit: number },
): Promise<readonly SavedPack[]> {
  return deps.store.readTenant(caller.tenantId, (tx) => listPacks(tx, page));
}

/** A pack with the key that signed it, to be told to its reader. Throws NotFoundError. */
export async function showEvidencePack(
  deps: Deps,
  caller: Caller,
  id: string,
): Promise<SavedPack & { readonly publicKey: string }> {
  const pack = await deps.store.readTenant(caller.tenantId, (tx) => getPack(tx, id));
  return { ...pack, publicKey: keysFromSeed(await packSeed(deps.kek)).publicKey };
}

/** The bytes of a pack; that it was taken is noted. Throws NotFoundError. */
export function downloadEvidencePack(deps: Deps, caller: Caller, id: string): Promise<Uint8Array> {
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    const bytes = await packContent(tx, id);
    const subject = { type: 'evidence_pack', id };
    await appendAudit(tx, { actor: caller.actor, action: 'evidence.downloaded', subject });
    return bytes;
  });
}
