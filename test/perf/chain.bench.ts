import { createHash } from 'node:crypto';
import { chainHash, GENESIS, type ChainRow, type SealedEntry } from '../../src/audit/chain.ts';
import { signerFromSeed } from '../../src/audit/head.ts';
import { verifyChain } from '../../src/audit/verify.ts';
import { canonicalJson } from '../../src/kernel/hash.ts';
import { interleave, timed, type BenchRow } from './measure.ts';

const ENTRIES = 200_000;
const AT_LEAST = 100_000;
const ROUNDS = 5;
/** Beside the hash of each entry ours writes it in its RFC 8785 form and looks at its place and at the heads. */
const GOAL = 0.1;

function entryOf(at: number): SealedEntry {
  return {
    tenant: 'acme',
    id: `aud_${at}`,
    at: '2026-03-02T10:00:00.123456',
    actor: 'person:usr_01jbench',
    action: 'plan.approved',
    subjectType: 'plan',
    subjectId: `pln_${at}`,
    details: { planHash: 'f'.repeat(64), revision: at % 7, total: { amount: '1200.00', currency: 'EUR' } }, // prettier-ignore
  };
}

/** Entries of an audit chain checked in a second, against a bare loop that hashes the same bytes. */
export async function bench(): Promise<BenchRow> {
  const signer = signerFromSeed(Buffer.alloc(32, 7));
  let hash = GENESIS;
  const rows = Array.from({ length: ENTRIES }, (_, at): ChainRow => {
    const entry = entryOf(at + 1);
    hash = chainHash(hash, entry);
    return { seq: at + 1, eventId: entry.id, hash, entry };
  });
  const texts = rows.map(({ entry }) => Buffer.from(canonicalJson(entry)));
  const head = signer.sign({ tenant: 'acme', seq: ENTRIES, hash, at: '2026-03-02T10:01:00.000Z' });
  const evidence = { tenant: 'acme', publicKey: signer.publicKey, heads: [head] };
  const rates = await interleave({
    size: ENTRIES,
    rounds: ROUNDS,
    ours: () =>
      timed(async () => {
        if ((await verifyChain(rows, evidence)) !== null) throw new Error('A whole chain was refused.'); // prettier-ignore
      }),
    floor: () =>
      timed(() => {
        let previous: Buffer = Buffer.alloc(32);
        for (const text of texts)
          previous = createHash('sha256').update(previous).update(text).digest();
        return Promise.resolve();
      }),
  });
  return { name: 'chain', ...rates, unit: 'entries/s', goal: GOAL, atLeast: AT_LEAST };
}
