import { signerFromSeed, type HeadSigner } from '../audit/head.ts';
import type { Kek } from '../security/kek.ts';

/** The key that signs the audit's heads, the same in every process of an installation. */
export async function auditSigner(kek: Kek): Promise<HeadSigner> {
  return signerFromSeed(await kek.derive('audit head signature'));
}
