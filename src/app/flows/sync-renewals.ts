import type { Agreement } from '../../canonical/agreement.ts';
import type { OutboundRenewal } from '../../canonical/outbound/outbound-renewal.ts';
import type { RenewalTerm } from '../../canonical/renewal-term.ts';
import { renewalsDue } from '../../commerce/renewals-due.ts';
import type { TenantTx } from '../../db/store.ts';
import { proposeIntents } from '../../delivery/intents.ts';
import { connectionForRole, type Connection } from '../../intake/connections.ts';
import { endInclusive } from '../../kernel/dates.ts';
import { decideFacts, factsOf, lockWriter, OWN_CONNECTION } from '../../ledger/facts.ts';
import type { JobContext } from '../../sdk/flows.ts';
import { commerceSettings } from '../commerce-settings.ts';
import type { Deps } from '../deps.ts';
import { loadOrganizationLinks, type OrganizationLinks } from '../organization-links.ts';
import { effectsOn } from '../outbound-effects.ts';
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

/** The agreement in force that ends last, per customer: its notice days hold for the renewal. */
async function agreementsByOwner(
  tx: TenantTx,
  crm: Connection | null,
): Promise<ReadonlyMap<string, Agreement>> {
  const agreements = crm === null ? [] : await factsOf(tx, 'agreement', { connection: crm.id });
  const byEnd = agreements.toSorted((a, b) =>
    (a.body.validTo ?? '9999') < (b.body.validTo ?? '9999') ? -1 : 1,
  );
  return new Map(
    byEnd.flatMap(({ body }) =>
      body.counterpartyRef === undefined ? [] : [[body.counterpartyRef, body] as const],
    ),
  );
}

interface Renewals {
  readonly crm: Connection;
  readonly erp: Connection | null;
  readonly terms: readonly RenewalTerm[];
  readonly organizations: OrganizationLinks;
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
    document: documentOf(term, names.get(term.ownerRef) ?? term.ownerRef, renewals),
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
  const proposed = await proposeIntents(tx, [...inCrm.effects, ...inErp.effects]);
  await request(deps, tx, proposed.targets.map(deliverWork));
}

function documentOf(term: RenewalTerm, accountName: string, renewals: Renewals): OutboundRenewal {
  const { crm, erp, organizations } = renewals;
  const customer =
    erp === null
      ? null
      : organizations.customerOf(erp.id, {
          connection: crm.id,
          ref: term.ownerRef,
          currency: term.currency,
        });
  const lastDay = endInclusive(term.renewalTo);
  return {
    renewalId: term.externalRef,
    name: `${accountName} renewal ${term.renewalFrom}`,
    accountRef: term.ownerRef,
    ...(customer === null ? {} : { erpCustomerRef: customer.externalRef }),
    ...(customer?.body.subsidiaryRef === undefined
      ? {}
      : { subsidiaryRef: customer.body.subsidiaryRef }),
    currency: term.currency,
    renewalFrom: term.renewalFrom,
    renewalToInclusive: lastDay,
    noticeDeadline: term.noticeDeadline,
    closeDate: endInclusive(term.renewalFrom),
    lines: term.lines.map((line) => ({
      ...line,
      serviceFrom: term.renewalFrom,
      serviceToInclusive: lastDay,
    })),
    total: term.total,
  };
}
