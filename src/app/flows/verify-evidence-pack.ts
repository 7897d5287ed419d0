import { verifyPack, type PackCheck } from '../../audit/evidence/verify-pack.ts';

export type { PackCheck };

/** Checks the bytes of a pack by themselves: no server, no database, no network. */
export function verifyEvidencePack(
  bytes: Uint8Array,
  publicKey: string | null,
): Promise<PackCheck> {
  return verifyPack(bytes, publicKey);
}
