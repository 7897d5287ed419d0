import type { OutboundAccountSummary } from '../canonical/outbound/outbound-account-summary.ts';
import type { PositionLine } from '../canonical/position-line.ts';
import type { TenantTx } from '../db/store.ts';
import { addDays } from '../kernel/dates.ts';
import { factsOf } from '../ledger/facts.ts';
import type { Fact } from '../ledger/fact.ts';
import { listFindings, listPositions, runBefore } from '../licensing/runs.ts';
import { accountFigures, usedByAccount } from './account-figures.ts';
import { accountOfFinding } from './account-of-finding.ts';
import { companySettingAt } from './company-settings.ts';
import { loadOrganizationLinks } from './organization-links.ts';
import type { Document } from './outbound-effects.ts';

/** How far back use is compared, in days. */
const QUARTER = 91;

/** Worst first: what an account shows is the worst of its pools. */
const WORST_FIRST: readonly PositionLine['status'][] = [
  'non_compliant', 'true_up_due', 'in_grace', 'exception_covered', 'indeterminate', 'compliant',
]; // prettier-ignore

/** What a reconciliation found, by account of the CRM and by customer of the ERP. */
export interface PositionDocuments {
  readonly accounts: readonly Document<'outboundAccountSummary'>[];
  /** Each customer that is one of those accounts shows the account's position, whichever subsidiary sells to it. */
  readonly customers: readonly Document<'outboundAccountSummary'>[];
}

/** What a reconciliation found, one summary for each account of the CRM that is known there, and for its customers in the ERP. */
export async function positionDocuments(
  tx: TenantTx,
  { crm, erp }: { readonly crm: string; readonly erp: string | null },
  run: { readonly id: string; readonly asOf: string },
): Promise<PositionDocuments> {
  const { accounts, links } = await loadOrganizationLinks(tx);
  const known = new Set(
    accounts.filter(({ connection }) => connection === crm).map(({ externalRef }) => externalRef),
  );
  const found = (await summaries(tx, run.id, run.asOf)).filter((each) =>
    known.has(each.accountRef),
  );
  const customersOf = Map.groupBy(
    links.filter((link) => link.accountConnection === crm && link.customerConnection === erp),
    ({ accountRef }) => accountRef,
  );
  return {
    accounts: found.map((document) => asDocument(document.accountRef, document)),
    customers: found.flatMap((document) =>
      (customersOf.get(document.accountRef) ?? []).map(({ customerRef }) =>
        asDocument(customerRef, document),
      ),
    ),
  };
}

function asDocument(
  vendorId: string,
  document: OutboundAccountSummary,
): Document<'outboundAccountSummary'> {
  return { name: 'outboundAccountSummary', canonicalId: `position:${vendorId}`, vendorId, document }; // prettier-ignore
}

async function summaries(
  tx: TenantTx,
  runId: string,
  asOf: string,
): Promise<readonly OutboundAccountSummary[]> {
  const lines = (await listPositions(tx, { runId }))
    .map((position) => position.line)
    .filter((line) => line.posture === 'licensor');
  const renewals = await nextRenewals(tx);
  const earlier = await runBefore(tx, addDays(asOf, 1 - QUARTER));
  const usedThen =
    earlier === undefined
      ? null
      : usedByAccount(
          (await listPositions(tx, { runId: earlier.id })).map((position) => position.line),
        );
  const { softLimitPercent } = await companySettingAt(tx, 'detection', await tx.clock());
  const findings = Map.groupBy(
    await accountOfFinding(tx, await listFindings(tx)),
    (each) => each.accountRef,
  );
  return [...Map.groupBy(lines, (line) => line.ownerRef)].map(([accountRef, own]) => {
    const renewal = renewals.get(accountRef);
    const usedBefore = usedThen === null ? null : (usedThen.get(accountRef) ?? '0');
    const figures = accountFigures(own, usedBefore, softLimitPercent);
    const { rightsOwned, rightsInUse, shortfall, utilisation, trueUp, useChange } = figures;
    return {
      accountRef,
      rightsOwned,
      rightsInUse,
      shortfall,
      status:
        WORST_FIRST.find((status) => own.some((line) => line.status === status)) ?? 'compliant',
      asOf,
      ...(renewal === undefined
        ? {}
        : { nextRenewal: renewal.renewalFrom, noticeDate: renewal.noticeDeadline }),
      ...(utilisation === null ? {} : { utilisation }),
      ...(trueUp === null ? {} : { trueUpAmount: trueUp.amount, trueUpCurrency: trueUp.currency }),
      ...(useChange === null ? {} : { useChange }),
      expansionSignal: figures.expansionSignal,
      openFindings: findings.get(accountRef)?.length ?? 0,
    };
  });
}

async function nextRenewals(
  tx: TenantTx,
): Promise<ReadonlyMap<string, Fact<'renewalTerm'>['body']>> {
  const terms = (await factsOf(tx, 'renewalTerm'))
    .map((fact) => fact.body)
    .toSorted((a, b) => (a.renewalFrom < b.renewalFrom ? 1 : -1));
  return new Map(terms.map((term) => [term.ownerRef, term]));
}
