import type { Entitlement } from '../canonical/entitlement.ts';
import type { OpportunityLine } from '../canonical/opportunity-line.ts';
import type { Opportunity } from '../canonical/opportunity.ts';
import type { OutboundContract } from '../canonical/outbound/outbound-contract.ts';
import type { OutboundOrder, OutboundOrderLine } from '../canonical/outbound/outbound-order.ts';
import type { Sku } from '../canonical/sku.ts';
import { addMonths, daysBetween, endInclusive, type LocalDate } from '../kernel/dates.ts';
import { addMoney, lineAmount, money, type Money } from '../kernel/money.ts';
import { compareQuantity, scaleQuantity } from '../kernel/quantity.ts';
import type { Fact } from '../ledger/fact.ts';
import type { CommerceSettings } from './settings.ts';

/** Everything that a deal's plan is drawn up from. Nothing else is looked at, so the inputs can be hashed. */
export interface DealInputs {
  readonly dealId: string;
  readonly opportunity: Fact<'opportunity'>;
  readonly lines: readonly Fact<'opportunityLine'>[];
  /** SKUs by part number. */
  readonly skus: ReadonlyMap<string, Sku>;
  /** The ERP's customer behind the CRM account; null when no rule links one. */
  readonly erpCustomer: Fact<'organization'> | null;
  readonly today: LocalDate;
  readonly settings: CommerceSettings;
}

/** What stands in the way of a plan: it is blocked until the source systems are mended. */
export interface DealProblem {
  readonly code: string;
  readonly message: string;
  readonly subject: string;
}

/** A deal as it shall stand in every system, or what prevents it. */
export interface DealDraft {
  readonly dealId: string;
  readonly entitlements: readonly Entitlement[];
  readonly order: OutboundOrder | null;
  readonly contract: OutboundContract | null;
  readonly total: Money | null;
  readonly problems: readonly DealProblem[];
}

/**
 * Draws up one closed-won deal: draft entitlements (no rights yet, contract §9), the ERP's sales order, the CRM's
 * contract. Prices and quantities are the deal's own; nothing is invented, so what is missing is a problem.
 */
export function drawUpDeal(inputs: DealInputs): DealDraft {
  const opportunity = inputs.opportunity.body;
  const problems = problemsOf(inputs);
  if (problems.length > 0 || inputs.erpCustomer === null || opportunity.accountRef === undefined) {
    return {
      dealId: inputs.dealId,
      entitlements: [],
      order: null,
      contract: null,
      total: null,
      problems,
    };
  }
  const currency = opportunity.currency ?? '';
  const lines = inputs.lines.map((fact) => fact.body).toSorted(byLine);
  const terms = lines.map((line) => termOf(line, opportunity, inputs.settings));
  const orderLines = lines.map((line, index) =>
    orderLine(inputs, line, index, terms[index] ?? { from: inputs.today }),
  );
  return {
    dealId: inputs.dealId,
    entitlements: lines.flatMap((line, index) =>
      entitlementOf(inputs, line, index, terms[index] ?? { from: inputs.today }),
    ),
    order: {
      dealId: inputs.dealId,
      opportunityRef: opportunity.externalRef,
      opportunityName: opportunity.name,
      erpCustomerRef: inputs.erpCustomer.externalRef,
      ...(inputs.erpCustomer.body.subsidiaryRef === undefined
        ? {}
        : { subsidiaryRef: inputs.erpCustomer.body.subsidiaryRef }),
      currency,
      orderDate: opportunity.closeDate,
      ...(opportunity.purchaseOrderNumber === undefined
        ? {}
        : { purchaseOrderNumber: opportunity.purchaseOrderNumber }),
      lines: orderLines,
    },
    contract: contractOf(inputs, terms, opportunity.accountRef),
    total: lines
      .map((line) => lineAmount(line.quantity, line.unitPrice, currency))
      .reduce(addMoney, money('0', currency)),
    problems: [],
  };
}

/** The draft entitlement behind one line of a deal. */
export function dealEntitlementRef(dealId: string, lineNumber: number): string {
  return `ent:${dealId}:${lineNumber}`;
}

function byLine(left: OpportunityLine, right: OpportunityLine): number {
  return (
    (left.lineNumber ?? 0) - (right.lineNumber ?? 0) ||
    (left.externalRef < right.externalRef ? -1 : 1)
  );
}

function problemsOf(inputs: DealInputs): DealProblem[] {
  const opportunity = inputs.opportunity.body;
  const problems: DealProblem[] = [];
  const add = (code: string, message: string, subject = opportunity.externalRef): void => {
    problems.push({ code, message, subject });
  };
  if (opportunity.accountRef === undefined)
    add('no_account', 'The opportunity has no account. Set it in the CRM.');
  if (opportunity.currency === undefined)
    add('no_currency', 'The opportunity has no currency. Set it in the CRM.');
  if (inputs.lines.length === 0)
    add('no_lines', 'The opportunity has no products. Add them in the CRM.');
  if (opportunity.accountRef !== undefined && inputs.erpCustomer === null) {
    add(
      'no_erp_customer',
      `No ERP customer is linked to account ${opportunity.accountRef}. Create it, or set its external id to the account's id.`,
      opportunity.accountRef,
    );
  }
  for (const { body: line } of inputs.lines) {
    const sku = inputs.skus.get(line.skuCode);
    if (sku === undefined)
      add(
        'unknown_sku',
        `Line ${line.externalRef} sells ${line.skuCode}, which no catalogue knows.`,
        line.externalRef,
      );
    if (compareQuantity(line.quantity, '0') <= 0)
      add(
        'bad_quantity',
        `Line ${line.externalRef} sells a quantity of ${line.quantity}; it must be above zero.`,
        line.externalRef,
      );
    if (
      line.validFrom !== undefined &&
      line.validTo !== undefined &&
      line.validTo <= line.validFrom
    ) {
      add(
        'bad_term',
        `Line ${line.externalRef} ends on or before the day it starts.`,
        line.externalRef,
      );
    }
  }
  return problems;
}

interface Term {
  readonly from: LocalDate;
  readonly to?: LocalDate;
}

function termOf(line: OpportunityLine, opportunity: Opportunity, settings: CommerceSettings): Term {
  const from = line.validFrom ?? opportunity.closeDate;
  return { from, to: line.validTo ?? addMonths(from, settings.defaultTermMonths) };
}

function orderLine(
  inputs: DealInputs,
  line: OpportunityLine,
  index: number,
  term: Term,
): OutboundOrderLine {
  const licensed = inputs.skus.get(line.skuCode)?.metricCode !== undefined;
  return {
    lineNumber: index + 1,
    skuCode: line.skuCode,
    quantity: line.quantity,
    unitPrice: line.unitPrice,
    serviceFrom: term.from,
    ...(term.to === undefined ? {} : { serviceToInclusive: endInclusive(term.to) }),
    ...(licensed ? { entitlementId: dealEntitlementRef(inputs.dealId, index + 1) } : {}),
  };
}

function entitlementOf(
  inputs: DealInputs,
  line: OpportunityLine,
  index: number,
  term: Term,
): Entitlement[] {
  const sku = inputs.skus.get(line.skuCode);
  const { accountRef, currency } = inputs.opportunity.body;
  if (sku?.metricCode === undefined || accountRef === undefined) return [];
  return [
    {
      externalRef: dealEntitlementRef(inputs.dealId, index + 1),
      posture: 'licensor',
      skuCode: line.skuCode,
      ownerRef: accountRef,
      dealRef: inputs.dealId,
      status: 'draft',
      unlimited: false,
      plannedQuantity: scaleQuantity(line.quantity, sku.rightsPerPack),
      plannedFrom: term.from,
      ...(term.to === undefined ? {} : { plannedTo: term.to }),
      unitPrice: line.unitPrice,
      ...(currency === undefined ? {} : { currency }),
    },
  ];
}

function contractOf(
  inputs: DealInputs,
  terms: readonly Term[],
  accountRef: string,
): OutboundContract {
  const opportunity = inputs.opportunity.body;
  const from = terms.map((term) => term.from).toSorted()[0] ?? inputs.today;
  const to = terms
    .map((term) => term.to ?? addMonths(term.from, inputs.settings.defaultTermMonths))
    .toSorted()
    .at(-1);
  return {
    dealId: inputs.dealId,
    opportunityRef: opportunity.externalRef,
    accountRef,
    name: opportunity.name,
    startDate: from,
    termMonths: monthsUp(from, to ?? addMonths(from, inputs.settings.defaultTermMonths)),
    status: 'draft',
    noticeDays: inputs.settings.noticeDays,
  };
}

/** The smallest number of whole months that covers `[from, to)`; at least one. */
export function monthsUp(from: LocalDate, to: LocalDate): number {
  let months = Math.max(1, Math.floor(daysBetween(from, to) / 31));
  while (addMonths(from, months) < to) months += 1;
  return months;
}
