import type { PositionLine } from '../canonical/position-line.ts';
import { hashJson } from '../kernel/hash.ts';
import { subtractQuantity } from '../kernel/quantity.ts';
import { allocatePools } from './allocation/allocate-pools.ts';
import { sharesRights } from './allocation/terms.ts';
import { assess } from './assess.ts';
import {
  figuresOf,
  meteringOf,
  sharedOut,
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
  const names = new Map(
    snapshot.organizations.map((each) => [each.externalRef, each.body.legalName]),
  );
  return figuresOfPools(snapshot, metrics, only).map((figures) => positionOf(figures, names));
}

/**
 * The figures of every pool that is alive, or of the one with that line id. Where agreements let pools share, all of them are
 * computed in any case.
 */
export function figuresOfPools(
  snapshot: Snapshot,
  metrics: Metrics,
  only?: string,
): readonly PoolFigures[] {
  const metering = meteringOf(snapshot, metrics);
  const counted = poolsOf(snapshot, sharesRights(snapshot) ? undefined : only)
    .filter(isAlive)
    .map((pool) => figuresOf(pool, metering));
  const shared = allocatePools(counted, snapshot, metering.rules).map(({ figures, allocation }) =>
    allocation === null ? figures : sharedOut(figures, allocation),
  );
  return only === undefined ? shared : shared.filter(({ pool }) => pool.id === only);
}

function isAlive(pool: Pool): boolean {
  const gives = pool.entitlements.some(
    (each) => each.owned !== '0' || each.grace !== '0' || each.unlimited || each.reason === 'draft',
  );
  return (
    gives ||
    pool.claims.length > 0 ||
    pool.reservations.length > 0 ||
    pool.vendor !== null ||
    !isEmpty(pool.holdings)
  );
}

function positionOf(figures: PoolFigures, names: ReadonlyMap<string, string>): Position {
  const { pool } = figures;
  const line = lineOf(figures, pool.ownerRef === OWN ? null : (names.get(pool.ownerRef) ?? null));
  const position = {
    line,
    inputs: inputsOf(figures),
    steps: stepsOf(figures, line),
  };
  assertPosition(position, figures);
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
    grossRequired: figures.exempted.gross,
    exceptionCovered: subtractQuantity(figures.exempted.gross, met.required),
    ...quantities,
    coveredByOthers: figures.allocation?.coveredByOthers ?? '0',
    lentToOthers: figures.allocation?.lentToOthers ?? '0',
    coveredBySecondaryUse: figures.allocation?.coveredBySecondaryUse ?? '0',
    atRiskOnLapse: split.graceCovered,
    rightsOwned: known ? owned : null,
    notAllocated: known ? split.notAllocated : null,
    surplus: judged ? split.surplus : null,
    shortfall: judged ? split.shortfall : null,
    nontransferable: judged ? figures.nontransferable : '0',
    excludedQuantity: String(met.excluded.length + exemptedSubjects(figures).length),
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

/** Whoever exceptions take out of the count. */
function exemptedSubjects({ exempted }: PoolFigures): readonly string[] {
  return exempted.applied.flatMap(({ subjects }) => subjects);
}

function inputsOf(figures: PoolFigures): PositionInputs {
  const { pool, met, exempted, expiries, others, allocation } = figures;
  const transactions = pool.entitlements.flatMap((each) => each.transactions);
  const exempt = exemptedSubjects(figures);
  return {
    skus: pool.entry?.factIds ?? [],
    entitlements: pool.entitlements.map((each) => each.fact.factId),
    transactions: transactions.map((each) => each.fact.factId),
    allocations: [...new Set(pool.reservations.map((each) => each.fact.factId))],
    subjects: met.counted.length + met.excluded.length + exempt.length,
    subjectsHash: hashJson([met.counted, met.excluded, ...(exempt.length === 0 ? [] : [exempt])]),
    ...(Object.keys(others).length === 0 ? {} : { figures: others }),
    ...(pool.vendor === null ? {} : { counts: pool.vendor.factIds }),
    ...(allocation === null ? {} : { allocation: allocation.lines }),
    ...(exempted.applied.length === 0 ? {} : { exceptions: exempted.applied, expiries }),
  };
}
