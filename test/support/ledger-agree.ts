import { expect } from '@jest/globals';
import type { IntentStand } from '../../src/delivery/intent-machine.ts';
import { inTx, type LedgerModel, type LedgerReal } from './ledger-steps.ts';

/** The machine and the ledger hold the same, row by row, and the vendor witnessed nothing that may not be. */
export async function agree(model: LedgerModel, real: LedgerReal): Promise<void> {
  expect(real.vendor.wrongs).toEqual([]);
  const rows = await inTx(real, (tx) =>
    tx.sql<IntentStand & { readonly id: string }>(
      `select i.id, app.intent_phase(i.state, i.read_back) as phase, i.fence, i.attempts,
         (extract(epoch from i.lease_until) * 1000)::float8 as "leaseUntil", (extract(epoch from i.not_before) * 1000)::float8 as "notBefore",
         (extract(epoch from i.sent_at) * 1000)::float8 as "sentAt", (extract(epoch from i.looked_at) * 1000)::float8 as "lookedAt"
       from intent i where i.object = $1`,
      [real.object],
    ),
  );
  const held = new Map(rows.map(({ id, ...stand }) => [id, stand]));
  for (const [id, each] of model.intents) {
    const row = held.get(id);
    // How long it waits after "try later" is by chance.
    if (row !== undefined && each.stand.phase === 'PLANNED' && each.stand.sentAt !== null && row.notBefore >= each.stand.notBefore)
      each.stand = { ...each.stand, notBefore: row.notBefore };
    // Before what a worker never had nobody waits.
    expect({ id, revision: each.revision, ...row }).toEqual({ id, revision: each.revision, ...each.stand });
  }
  expect(rows).toHaveLength(model.intents.size);
} // prettier-ignore
