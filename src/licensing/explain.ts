import type { PositionLine } from '../canonical/position-line.ts';
import type { Fact, FactNoun, Lineage } from '../ledger/fact.ts';
import type { AccountLink } from '../ledger/identity/identities.ts';
import type { Claim } from './demand.ts';
import type { ExemptedDemand } from './exceptions.ts';
import type { MeterResult } from '../sdk/define-metric.ts';
import type { Metrics } from './figures.ts';
import type { Pool } from './pools.ts';
import { computePositions, figuresOfPools } from './position.ts';
import type { CountedEntitlement, CountedTransaction } from './rights.ts';
import type { Snapshot } from './snapshot.ts';
import { compareText, groupBy } from './sort.ts';

/** A fact with where it comes from: source record by hash, mapping by version. */
export interface FactReference {
  readonly factId: string;
  readonly noun: FactNoun;
  readonly connection: string;
  readonly externalRef: string;
  readonly lineage: Lineage | null;
}

export interface ExplainedTransaction {
  readonly transaction: FactReference;
  readonly type: string;
  readonly rights: string;
  readonly inForce: boolean;
  readonly validFrom: string | null;
  readonly validTo: string | null;
  readonly reason: string;
  /** The order line that it rests on; null where the ledger no longer holds one. */
  readonly orderLine: FactReference | null;
  readonly order: FactReference | null;
}

export interface ExplainedEntitlement {
  readonly entitlement: FactReference;
  readonly status: string;
  readonly dealRef: string | null;
  readonly rights: string;
  readonly reason: CountedEntitlement['reason'];
  readonly transactions: readonly ExplainedTransaction[];
}

export interface ExplainedSubject {
  readonly subjectId: string;
  readonly rights: string;
  /** Why the subject needs none; null when it counts. */
  readonly excludedBecause: string | null;
  /** The exception that takes it out; null where none does. */
  readonly exceptionId: string | null;
  readonly records: readonly {
    readonly record: FactReference;
    readonly account: FactReference | null;
    readonly link: AccountLink | null;
  }[];
}

export interface LineExplanation {
  readonly line: PositionLine;
  readonly steps: readonly string[];
  readonly metric: {
    readonly code: string;
    readonly version: number;
    readonly source: string;
  } | null;
  readonly rights: readonly ExplainedEntitlement[];
  readonly demand: readonly ExplainedSubject[];
  readonly skus: readonly string[];
}

/**
 * Takes a line apart down to source records: entitlement, transaction and order line on the one side, person, seat
 * and login on the other. Computed again from the snapshot, so it is exact for it; undefined for an id that the
 * snapshot has no pool for.
 */
export function explainLine(
  lineId: string,
  snapshot: Snapshot,
  metrics: Metrics,
): LineExplanation | undefined {
  const position = computePositions(snapshot, metrics, lineId)[0];
  const figures = figuresOfPools(snapshot, metrics, lineId)[0];
  if (position === undefined || figures === undefined) return undefined;
  const { pool, metric, met, exempted } = figures;
  const orders = orderIndex(snapshot);
  return {
    line: position.line,
    steps: position.steps,
    metric:
      metric === null
        ? null
        : { code: metric.code, version: metric.version, source: metric.source },
    rights: pool.entitlements.map((each) => explainEntitlement(each, orders)),
    demand: explainDemand(pool, met, exempted, snapshot),
    skus: position.inputs.skus,
  };
}

interface OrderIndex {
  readonly lines: ReadonlyMap<string, readonly Fact<'orderLine'>[]>;
  readonly orders: ReadonlyMap<string, readonly Fact<'order'>[]>;
}

function orderIndex(snapshot: Snapshot): OrderIndex {
  return {
    lines: groupBy(snapshot.orderLines, (each) => each.externalRef),
    orders: groupBy(snapshot.orders, (each) => each.externalRef),
  };
}

function referenceTo(fact: Fact<FactNoun>): FactReference {
  const { factId, noun, connection, externalRef, lineage } = fact;
  return { factId, noun, connection, externalRef, lineage };
}

function explainEntitlement(counted: CountedEntitlement, orders: OrderIndex): ExplainedEntitlement {
  const { body } = counted.fact;
  return {
    entitlement: referenceTo(counted.fact),
    status: body.status,
    dealRef: body.dealRef ?? null,
    rights: counted.owned,
    reason: counted.reason,
    transactions: counted.transactions.map((each) =>
      explainTransaction(each, body.orderConnection, orders),
    ),
  };
}

function explainTransaction(
  { fact, rights, inForce }: CountedTransaction,
  orderConnection: string | undefined,
  orders: OrderIndex,
): ExplainedTransaction {
  const named = orders.lines.get(fact.body.orderLineRef ?? '') ?? [];
  const line = named.find(
    (each) => orderConnection === undefined || each.connection === orderConnection,
  );
  const order = orders.orders
    .get(line?.body.orderRef ?? '')
    ?.find((each) => each.connection === line?.connection);
  return {
    transaction: referenceTo(fact),
    type: fact.body.type,
    rights,
    inForce,
    validFrom: fact.body.validFrom ?? null,
    validTo: fact.body.validTo ?? null,
    reason: fact.body.reason,
    orderLine: line === undefined ? null : referenceTo(line),
    order: order === undefined ? null : referenceTo(order),
  };
}

/** Every subject of the count: persons and logins with their claims, machines and check-outs with their records. */
function explainDemand(
  pool: Pool,
  met: MeterResult,
  exempted: ExemptedDemand,
  snapshot: Snapshot,
): readonly ExplainedSubject[] {
  const claims = groupBy(pool.claims, (each) => each.subjectId);
  const machines = factsOfMachines(snapshot);
  const recordsOf = (subjectId: string, evidence: readonly string[]): ExplainedSubject['records'] =>
    claims.get(subjectId)?.map(explainClaim) ??
    evidence.flatMap((factId) => {
      const fact = machines.get(factId);
      return fact === undefined ? [] : [{ record: referenceTo(fact), account: null, link: null }];
    });
  const counted = met.counted.map(({ subjectId, licensableQuantity, evidence }) => ({
    subjectId,
    rights: licensableQuantity,
    excludedBecause: null,
    exceptionId: null,
    records: recordsOf(subjectId, evidence),
  }));
  const refused = [...met.excluded, ...(met.unlicensable ?? [])].map(({ subjectId, reason }) => ({
    subjectId,
    rights: '0',
    excludedBecause: reason,
    exceptionId: null,
    records: recordsOf(subjectId, []),
  }));
  const exempt = exempted.applied.flatMap(({ id, subjects }) =>
    subjects.map((subjectId) => ({
      subjectId,
      rights: '0',
      excludedBecause: 'exception',
      exceptionId: id,
      records: recordsOf(subjectId, []),
    })),
  );
  return [...counted, ...refused, ...exempt].toSorted((left, right) =>
    compareText(left.subjectId, right.subjectId),
  );
}

function factsOfMachines(snapshot: Snapshot): ReadonlyMap<string, Fact<FactNoun>> {
  const { instances, devices, hosts, vms, checkouts, denials, usage } = snapshot;
  const all: readonly Fact<FactNoun>[] = [
    ...instances,
    ...devices,
    ...hosts,
    ...vms,
    ...checkouts,
    ...denials,
    ...usage,
  ];
  return new Map(all.map((fact) => [fact.factId, fact]));
}

function explainClaim({ record, account, link }: Claim): ExplainedSubject['records'][number] {
  return {
    record: referenceTo(record),
    account: account === undefined ? null : referenceTo(account),
    link: link ?? null,
  };
}
