import type { Agreement } from '../canonical/agreement.ts';
import type { RenewalLine, RenewalTerm } from '../canonical/renewal-term.ts';
import { addDays, addMonths, noticeDeadline, type LocalDate } from '../kernel/dates.ts';
import { addMoney, lineAmount, money } from '../kernel/money.ts';
import { compareQuantity, sumQuantities } from '../kernel/quantity.ts';
import type { Fact } from '../ledger/fact.ts';
import { monthsUp } from './draw-up-deal.ts';
import type { CommerceSettings } from './settings.ts';

export interface RenewalInputs {
  readonly entitlements: readonly Fact<'entitlement'>[];
  readonly transactions: readonly Fact<'entitlementTransaction'>[];
  /** Agreements by owner, for their notice days. */
  readonly agreements: ReadonlyMap<string, Agreement>;
  readonly today: LocalDate;
  readonly settings: CommerceSettings;
}

interface Holding {
  readonly entitlement: Fact<'entitlement'>;
  readonly from: LocalDate;
  readonly to: LocalDate;
  readonly quantity: string;
}

/** The version of the rule below; raised whenever the same rights give other renewals. */
export const RENEWAL_RULE = { 'commerce.renewal': 1 } as const;

/**
 * The renewals that are open: what a customer's rights end on one day, from the lead time before that day on,
 * unless the rights go on already. The base is the last quantity at the last price (rule c.9, G-56); no uplift and
 * no price is invented. The renewed term starts on the day after the old one's last and is as long in months.
 */
export function renewalsDue(inputs: RenewalInputs): readonly RenewalTerm[] {
  const holdings = holdingsOf(inputs);
  const groups = new Map<string, Holding[]>();
  for (const holding of holdings) {
    if (!isOpen(holding, inputs) || isRenewed(holding, holdings)) continue;
    const { ownerRef, currency } = holding.entitlement.body;
    if (currency === undefined) continue;
    const key = JSON.stringify([ownerRef, currency, holding.to]);
    groups.set(key, [...(groups.get(key) ?? []), holding]);
  }
  return [...groups.entries()]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, group]) => termOf(group, inputs));
}

function holdingsOf(inputs: RenewalInputs): readonly Holding[] {
  const byEntitlement = Map.groupBy(inputs.transactions, (fact) => fact.body.entitlementRef);
  return inputs.entitlements.flatMap((entitlement) => {
    const { posture, status } = entitlement.body;
    const deltas = byEntitlement.get(entitlement.externalRef) ?? [];
    const to =
      deltas
        .map((fact) => fact.body.validTo ?? '')
        .toSorted()
        .at(-1) ?? '';
    if (posture !== 'licensor' || status === 'reversed' || to === '') return [];
    const last = deltas.filter((fact) => fact.body.validTo === to);
    const from = last.map((fact) => fact.body.validFrom ?? '').toSorted()[0] ?? '';
    const total = sumQuantities(last.map((fact) => fact.body.quantityDelta));
    return compareQuantity(total, '0') > 0 && from !== ''
      ? [{ entitlement, from, to, quantity: total }]
      : [];
  });
}

function isOpen(holding: Holding, inputs: RenewalInputs): boolean {
  const opensOn = addDays(holding.to, -inputs.settings.renewalLeadDays);
  return (
    opensOn <= inputs.today &&
    inputs.today < holding.to &&
    !holding.entitlement.body.ownerRef.startsWith('unlinked:')
  );
}

/** Rights of the same owner and SKU that started later and are in force on the first day after this term. */
function isRenewed(holding: Holding, all: readonly Holding[]): boolean {
  return all.some(
    (other) =>
      other.entitlement.body.ownerRef === holding.entitlement.body.ownerRef &&
      other.entitlement.body.skuCode === holding.entitlement.body.skuCode &&
      other.from > holding.from &&
      other.from <= holding.to &&
      holding.to < other.to,
  );
}

function termOf(group: readonly Holding[], inputs: RenewalInputs): RenewalTerm {
  const ordered = group.toSorted((a, b) =>
    a.entitlement.externalRef < b.entitlement.externalRef ? -1 : 1,
  );
  const first = ordered[0];
  if (first === undefined) throw new Error('a renewal needs at least one holding');
  const { ownerRef, currency = '' } = first.entitlement.body;
  const from = first.to;
  const months = Math.max(...ordered.map((holding) => monthsUp(holding.from, holding.to)));
  const notice = inputs.agreements.get(ownerRef)?.noticeDays ?? inputs.settings.noticeDays;
  const lines = linesOf(ordered, currency);
  const total = lines
    .map((line) => money(line.amount, currency))
    .reduce(addMoney, money('0', currency));
  return {
    externalRef: `renewal:${ownerRef}:${currency}:${from}`,
    ownerRef,
    currency,
    entitlementRefs: ordered.map((holding) => holding.entitlement.externalRef),
    renewalFrom: from,
    renewalTo: addMonths(from, months),
    noticeDeadline: noticeDeadline(from, notice),
    openFrom: addDays(from, -inputs.settings.renewalLeadDays),
    lines,
    total: total.amount,
    status: 'open',
  };
}

/** One line a SKU and unit price: what the customer sees on the renewal. */
function linesOf(holdings: readonly Holding[], currency: string): RenewalLine[] {
  const groups = Map.groupBy(holdings, ({ entitlement }) =>
    JSON.stringify([entitlement.body.skuCode, entitlement.body.unitPrice ?? '0']),
  );
  return [...groups.entries()]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, members]) => {
      const [skuCode = '', unitPrice = '0'] = JSON.parse(key) as string[];
      const total = sumQuantities(members.map((member) => member.quantity));
      return {
        skuCode,
        quantity: total,
        unitPrice,
        amount: lineAmount(total, unitPrice, currency).amount,
      };
    });
}
