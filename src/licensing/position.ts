import type { PositionLine } from '../canonical/position-line.ts';
import { hashJson } from '../kernel/hash.ts';
import { assess } from './assess.ts';
import {
  figuresOf,
  meteringOf,
  type Metering,
  type Metrics,
  type PoolFigures,
  type Position,
  type PositionInputs,
} from './figures.ts';
import { assertPosition } from './invariants.ts';
import { OWN, poolsOf, type Pool } from './pools.ts';
import { overLicensedAmount, trueUpCost, unitPriceText } from './price.ts';
import { isEmpty } from './holdings.ts';
import type { Snapshot } from './snapshot.ts';
import { stepsOf } from './steps.ts';

/**
 * The position of every pool on the snapshot's day (rules c.2, c.3, c.6, c.8), in the order of posture, owner and
 * part number; with `only`, of the one pool with that line id. Pools of which nothing is left (ended rights, no demand) give no line.
 * Throws InternalError when an invariant L1 to L4 does not hold.
 */
export function computePositions(
  snapshot: Snapshot,
  metrics: Metrics,
  only?: string,
): readonly Position[] {
  const metering = meteringOf(snapshot, metrics);
  const names = new Map(
    snapshot.organizations.map((each) => [each.externalRef, each.body.legalName]),
  );
  const positions: Position[] = [];
  for (const pool of poolsOf(snapshot, only)) {
    if (!isAlive(pool)) continue;
    positions.push(positionOf(pool, metering, names));
  }
  return positions;
}

function isAlive(pool: Pool): boolean {
  const gives = pool.entitlements.some(
    (each) => each.owned !== '0' || each.grace !== '0' || each.unlimited || each.reason === 'draft',
  );
  return gives || pool.claims.length > 0 || pool.reservations.length > 0 || !isEmpty(pool.holdings);
}

function positionOf(pool: Pool, metering: Metering, names: ReadonlyMap<string, string>): Position {
  const figures = figuresOf(pool, metering);
  const line = lineOf(figures, pool.ownerRef === OWN ? null : (names.get(pool.ownerRef) ?? null));
  const position = {
    line,
    inputs: inputsOf(figures),
    steps: stepsOf(figures, line),
  };
  assertPosition(position, pool);
  return position;
}

function lineOf(figures: PoolFigures, ownerName: string | null): PositionLine {
  const { pool, metric, met, owned, grace, unlimited, split } = figures;
  const { overAllocated: _, ...quantities } = split;
  const verdict = assess(figures);
  const known = !verdict.ownedUnknown;
  const judged = verdict.status !== 'indeterminate';
  return {
    id: pool.id,
    posture: pool.posture,
    ownerRef: pool.ownerRef,
    ownerName,
    skuCode: pool.skuCode,
    skuName: pool.entry?.name ?? null,
    metricCode: pool.entry?.metricCode ?? null,
    metricVersion: metric?.version ?? null,
    unlimited,
    graceRights: grace,
    rightsRequired: met.required,
    ...quantities,
    rightsOwned: known ? owned : null,
    notAllocated: known ? split.notAllocated : null,
    surplus: judged ? split.surplus : null,
    shortfall: judged ? split.shortfall : null,
    nontransferable: judged ? figures.nontransferable : '0',
    excludedQuantity: String(met.excluded.length),
    status: verdict.status,
    ...moneyFields(figures, judged),
    confidence: verdict.confidence,
    warnings: verdict.warnings,
  };
}

type MoneyFields = Pick<
  PositionLine,
  'currency' | 'trueUpUnitPrice' | 'trueUpPriceBasis' | 'trueUpCost' | 'overLicensedAmount'
>;

function moneyFields({ pool, price, split }: PoolFigures, judged: boolean): MoneyFields {
  if (price.kind !== 'priced' || !judged) {
    return {
      currency: null,
      trueUpUnitPrice: null,
      trueUpPriceBasis: null,
      trueUpCost: null,
      overLicensedAmount: null,
    };
  }
  return {
    currency: price.price.currency,
    trueUpUnitPrice: unitPriceText(price.price),
    trueUpPriceBasis: price.price.basis,
    trueUpCost: trueUpCost(price.price, split.shortfall, pool.entry?.rightsPerPack ?? 1).amount,
    overLicensedAmount: overLicensedAmount(price.price, split.surplus).amount,
  };
}

function inputsOf({ pool, met }: PoolFigures): PositionInputs {
  const transactions = pool.entitlements.flatMap((each) => each.transactions);
  return {
    skus: pool.entry?.factIds ?? [],
    entitlements: pool.entitlements.map((each) => each.fact.factId),
    transactions: transactions.map((each) => each.fact.factId),
    allocations: pool.reservations.map((each) => each.fact.factId),
    subjects: met.counted.length + met.excluded.length,
    subjectsHash: hashJson([met.counted, met.excluded]),
    ...(met.figures === undefined ? {} : { figures: met.figures }),
  };
}
