import type { JsonObject } from '../../kernel/hash.ts';
import type { LocalDate } from '../../kernel/dates.ts';
import type { SaidRecord } from './planting.ts';

/** The archive of contracts, as a connection. */
export const CONTRACTS = 'contracts';
/** Where the publishers tell who holds a seat and who used it. */
const SEAT_LIST = 'seat-list';

/** One purchase of a product for a term. */
export interface Purchase {
  readonly quantity: number;
  readonly from: LocalDate;
  /** The first day after; left out where the right has no end. */
  readonly to?: LocalDate;
  readonly unitPrice?: string;
  readonly currency?: string;
  readonly agreementRef?: string;
  /** What became of the line: closed after so many were billed. */
  readonly closedAfter?: number;
}

const said = (noun: SaidRecord['noun'], body: JsonObject): SaidRecord => ({
  connection: CONTRACTS,
  noun,
  body,
});

/** A product that Meridian bought, and its purchases: the rights follow from them. */
export function bought(
  sku: string,
  metricCode: string,
  purchases: readonly Purchase[],
): readonly SaidRecord[] {
  return [
    said('sku', { externalRef: sku, skuCode: sku, name: sku, metricCode }),
    ...purchases.flatMap((purchase, at) => orderOf(sku, purchase, `${sku}/${at + 1}`)),
  ];
}

function orderOf(sku: string, purchase: Purchase, externalRef: string): readonly SaidRecord[] {
  const { quantity, from, to, unitPrice = '40', currency = 'EUR', agreementRef } = purchase;
  const { closedAfter } = purchase;
  return [
    said('order', {
      externalRef,
      number: externalRef,
      kind: 'opening_balance',
      posture: 'licensee',
      status: 'activated',
      orderDate: from,
      currency,
      ...(agreementRef === undefined ? {} : { agreementRef }),
    }),
    said('orderLine', {
      externalRef: `${externalRef}/1`,
      orderRef: externalRef,
      lineNumber: 1,
      skuCode: sku,
      quantity: String(quantity),
      unitPrice,
      currency,
      validFrom: from,
      ...(to === undefined ? {} : { validTo: to }),
      ...(closedAfter === undefined ? {} : { closed: true, quantityBilled: String(closedAfter) }),
    }),
  ];
}

/** A seat of our own people; without dates where the publisher tells none. */
export function seat(
  sku: string,
  login: string,
  term: { readonly from?: LocalDate; readonly to?: LocalDate } = {},
): SaidRecord {
  const body = {
    externalRef: `${login}:${sku}`,
    posture: 'licensee',
    skuCode: sku,
    userAccountRef: login,
    ...(term.from === undefined ? {} : { validFrom: term.from }),
    ...(term.to === undefined ? {} : { validTo: term.to }),
  };
  return { connection: SEAT_LIST, noun: 'seatAssignment', body };
}

/** A sign that a login used a product, or where `kind` says so that it was only counted as assigned. */
export function signOfUse(
  sku: string,
  login: string,
  observedAt: string,
  kind: 'active' | 'assigned' = 'active',
): SaidRecord {
  const body = {
    externalRef: `${login}:${sku}:${observedAt}`,
    posture: 'licensee',
    subjectType: 'account',
    subjectRef: login,
    skuCode: sku,
    kind,
    observedAt,
  };
  return { connection: SEAT_LIST, noun: 'usageObservation', body };
}
