import { appendAudit } from '../../audit/audit-log.ts';
import { saveMode, listModes, type ModeScope, type ModeSetting, type WriteMode } from '../../delivery/write-modes.ts'; // prettier-ignore
import { closeGate } from '../../delivery/send-gate.ts';
import type { TenantTx } from '../../db/store.ts';
import { connectionForRole, liveConnection } from '../../intake/connections.ts';
import { NotFoundError } from '../../kernel/errors.ts';
import { factsOf } from '../../ledger/facts.ts';
import type { Caller } from '../../security/caller.ts';
import { commerceSettings } from '../commerce-settings.ts';
import type { Deps } from '../deps.ts';
import { followModes } from '../mode-gate.ts';
import { deliverWork, request } from '../request.ts';
import { loadSkuCatalogue } from '../sku-catalogue.ts';

/**
 * Says how far a connection, an agreement or a product goes; null takes the setting away. What may be written by now is
 * planned at once, and what was planned and is not sent yet waits, or goes, as the modes say now. The audit tells what it was before. Throws NotFoundError for a connection, an agreement or a
 * product that is not known: its setting would limit nothing.
 */
export function setWriteMode(
  deps: Deps,
  caller: Caller,
  given: {
    readonly scope: ModeScope;
    readonly ref: string;
    readonly mode: WriteMode | null;
    readonly reason: string | null;
  },
): Promise<readonly ModeSetting[]> {
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    await closeGate(tx);
    const { scope, ref, mode, reason } = given;
    if (scope === 'connection') await liveConnection(tx, ref);
    // What is gone from the sources can still be taken away.
    else if (mode !== null) await checkRef(tx, scope, ref);
    const before = await saveMode(tx, { ...given, setBy: caller.actor });
    await appendAudit(tx, {
      actor: caller.actor,
      action: 'write_mode.changed',
      subject: { type: 'write_mode', id: `${scope}:${ref}` },
      details: { before, after: mode, reason },
    });
    const jobs = ['detect-closed-won', 'sync-entitlements', 'sync-renewals', 'sync-reconciliation'];
    const targets = await followModes(tx);
    await request(deps, tx, [...jobs.map((job) => ({ job, key: '', payload: {} })), ...targets.map(deliverWork)]); // prettier-ignore
    return listModes(tx);
  });
}

async function checkRef(tx: TenantTx, scope: 'agreement' | 'product', ref: string): Promise<void> {
  if (scope === 'product') {
    if ((await loadSkuCatalogue(tx)).bySku.has(ref)) return;
    throw new NotFoundError(
      `There is no product with the SKU "${ref}" in what was read. Look at the product's code in the CRM, and whether the products are mapped: \`trueup errors list\`.`,
    );
  }
  const crm = await connectionForRole(tx, 'crm', (await commerceSettings(tx)).crm);
  const known = crm === null ? [] : await factsOf(tx, 'agreement', { connection: crm.id, refs: [ref] }); // prettier-ignore
  if (known.length > 0) return;
  throw new NotFoundError(
    `There is no agreement "${ref}" in what was read from ${crm === null ? 'a CRM; none is connected' : crm.id}. Look at the agreement's id in the CRM, and whether it is mapped: \`trueup errors list\`.`,
  );
}
