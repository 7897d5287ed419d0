import type { RenewalTerm } from '../../canonical/renewal-term.ts';
import { renewalsDue } from '../../commerce/renewals-due.ts';
import type { TenantTx } from '../../db/store.ts';
import { connectionForRole } from '../../intake/connections.ts';
import { decideFacts, factsOf, lockWriter, OWN_CONNECTION } from '../../ledger/facts.ts';
import type { JobContext } from '../../sdk/flows.ts';
import { commerceSettings } from '../commerce-settings.ts';
import type { Deps } from '../deps.ts';
import { loadOrganizationLinks } from '../organization-links.ts';
import { effectsOn } from '../outbound-effects.ts';
import { agreementsByOwner, renewalDocument, type RenewalSides } from '../renewal-documents.ts';
import { proposeRun } from '../propose-effects.ts';
import { deliverWork, request } from '../request.ts';

/**
 * Finds the renewals that are open today, keeps them with their due, notice and lead dates, and plans the renewal
 * opportunity in the CRM and the estimate in the ERP. A renewal that is no longer open leaves both as they are.
 */
export async function syncRenewals(deps: Deps, context: JobContext): Promise<void> {
  await deps.store.withTenant(context.tenantId, async (tx) => {
    await context.hold(tx);
    await lockWriter(tx, OWN_CONNECTION);
    const settings = await commerceSettings(tx);
    const crm = await connectionForRole(tx, 'crm', settings.crm);
    const erp = await connectionForRole(tx, 'erp', settings.erp);
    const terms = renewalsDue({
      entitlements: await factsOf(tx, 'entitlement'),
      transactions: await factsOf(tx, 'entitlementTransaction'),
      agreements: await agreementsByOwner(tx, crm),
      today: deps.clock.today(),
      settings,
    });
    await decideFacts(tx, 'renewalTerm', terms);
    if (crm !== null)
      await write(deps, tx, { crm, erp, terms, organizations: await loadOrganizationLinks(tx) });
  });
}

interface Renewals extends RenewalSides {
  readonly terms: readonly RenewalTerm[];
}

async function write(deps: Deps, tx: TenantTx, renewals: Renewals): Promise<void> {
  const { crm, erp } = renewals;
  const names = new Map(
    renewals.organizations.accounts.map((fact) => [fact.externalRef, fact.body.legalName]),
  );
  const documents = renewals.terms.map((term) => ({
    name: 'outboundRenewal' as const,
    canonicalId: term.externalRef,
    vendorId: null,
    document: renewalDocument(term, names.get(term.ownerRef) ?? term.ownerRef, renewals),
  }));
  const inCrm = await effectsOn(deps, tx, crm, documents);
  const forErp = documents.filter((each) => each.document.erpCustomerRef !== undefined);
  const inErp =
    erp === null ? { effects: [], failures: [] } : await effectsOn(deps, tx, erp, forErp);
  for (const failure of [...inCrm.failures, ...inErp.failures]) {
    deps.logger.error('A renewal cannot be written', {
      renewal: failure.canonicalId,
      reason: failure.message,
    });
  }
  const proposed = await proposeRun(tx, 'renewals', [...inCrm.effects, ...inErp.effects]);
  await request(deps, tx, proposed.targets.map(deliverWork));
}
