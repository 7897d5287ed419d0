import type { Agreement } from '../canonical/agreement.ts';
import type { OutboundRenewal } from '../canonical/outbound/outbound-renewal.ts';
import type { RenewalTerm } from '../canonical/renewal-term.ts';
import type { TenantTx } from '../db/store.ts';
import type { Connection } from '../intake/connections.ts';
import { endInclusive } from '../kernel/dates.ts';
import { readFacts, type FactReader } from './fact-reader.ts';
import type { OrganizationLinks } from './organization-links.ts';

/** The systems that a renewal is shown in. */
export interface RenewalSides {
  readonly crm: Connection;
  readonly erp: Connection | null;
  readonly organizations: OrganizationLinks;
}

/** The agreement in force that ends last, per customer: its notice days hold for the renewal. */
export async function agreementsByOwner(
  tx: TenantTx,
  crm: Connection | null,
  facts: FactReader = readFacts(tx),
): Promise<ReadonlyMap<string, Agreement>> {
  const agreements =
    crm === null
      ? []
      : (await facts('agreement')).filter(({ connection }) => connection === crm.id);
  const byEnd = agreements.toSorted((a, b) =>
    (a.body.validTo ?? '9999') < (b.body.validTo ?? '9999') ? -1 : 1,
  );
  return new Map(
    byEnd.flatMap(({ body }) =>
      body.counterpartyRef === undefined ? [] : [[body.counterpartyRef, body] as const],
    ),
  );
}

/** The renewal of one customer as the CRM and the ERP shall show it. */
export function renewalDocument(
  term: RenewalTerm,
  accountName: string,
  renewals: RenewalSides,
): OutboundRenewal {
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
