import { createHmac } from 'node:crypto';
import type { Pseudonym } from '../../audit/evidence/table.ts';
import { base32 } from '../../kernel/ids.ts';
import type { Kek } from '../../security/kek.ts';

const LETTERS = 16;

/** The 32 bytes of the key that signs the packs of an installation. */
export function packSeed(kek: Kek): Promise<Buffer> {
  return kek.derive('evidence pack signature');
}

/** Pseudonyms of a company's people: the same in all of its packs, and told back by nobody without the installation's key. */
export async function pseudonymsOf(kek: Kek, tenantId: string): Promise<Pseudonym> {
  const key = await kek.derive('evidence pseudonyms');
  return (person) => {
    const digest = createHmac('sha256', key)
      .update(JSON.stringify([tenantId, person]))
      .digest();
    return `person-${base32(digest).slice(0, LETTERS)}`;
  };
}
