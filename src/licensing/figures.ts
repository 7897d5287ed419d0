import type { PositionLine } from '../canonical/position-line.ts';
import { InternalError } from '../kernel/errors.ts';
import {
  ceilQuantity,
  compareQuantity,
  excess,
  minQuantity,
  scaleQuantity,
  subtractQuantity,
  sumQuantities,
  type Quantity,
} from '../kernel/quantity.ts';
import type { MeterResult, MetricDefinition } from '../sdk/define-metric.ts';
import { subjectsOf } from './demand.ts';
import {
  exceptionsInForce,
  exempt,
  expiriesOf,
  type AppliedException,
  type ExceptionExpiry,
  type ExemptedDemand,
} from './exceptions.ts';
import type { AllocatedLine, PoolAllocation } from './allocation/pool-allocation.ts';
import { withoutSubjects } from './exemptible.ts';
import { metricRulesOf, type MetricRules } from './metric-rules.ts';
import type { Pool } from './pools.ts';
import { rightPrice, type PriceResult } from './price.ts';
import { roleExemptions, withRoleExemptions } from './role-exemptions.ts';
import { silenceOf, type Silence } from './silence.ts';
import type { Snapshot } from './snapshot.ts';
import { splitRights, type Split } from './split.ts';
import { countedDemand, poolRights, vendorFigures, type PoolRights } from './vendor-counts.ts';

/** The metric plug-ins by their code. */
export type Metrics = ReadonlyMap<string, MetricDefinition>;

/** What a line rests on. Subjects are many, so a line keeps their number and hash; `explain` lists them. */
export interface PositionInputs {
  readonly skus: readonly string[];
  readonly entitlements: readonly string[];
  readonly transactions: readonly string[];
  readonly allocations: readonly string[];
  readonly subjects: number;
  readonly subjectsHash: string;
  /** Other figures of its metric, such as when a peak was reached, and of its vendor; absent where there are none. */
  readonly figures?: Readonly<Record<string, string>>;
  /** Counts of vendors; absent where there are none. */
  readonly counts?: readonly string[];
  /** What exceptions took out of the demand, and what is to be expected when they end; absent where there are none. */
  readonly exceptions?: readonly AppliedException[];
  readonly expiries?: readonly ExpiryForecast[];
  /** Which rights cover which demand, where that is more than the pool's own rights for its own demand. */
  readonly allocation?: readonly AllocatedLine[];
}

/** An end of exceptions that lies ahead, with what is short from then on if nothing else changes. */
export interface ExpiryForecast extends ExceptionExpiry {
  readonly shortfall: Quantity;
}

export interface Position {
  readonly line: PositionLine;
  readonly inputs: PositionInputs;
  /** The arithmetic in words, one step a line. */
  readonly steps: readonly string[];
}

/** The figures of a pool on the way to its line. */
export interface PoolFigures {
  readonly pool: Pool;
  /** Null when no plug-in can count: unknown part number, no metric, or a metric that is not installed. */
  readonly metric: MetricDefinition | null;
  readonly met: MeterResult;
  readonly owned: string;
  readonly grace: string;
  /** On whose word rights are owned. */
  readonly basis: PoolRights['basis'];
  readonly unlimited: boolean;
  readonly exempted: ExemptedDemand;
  readonly expiries: readonly ExpiryForecast[];
  /** What would be short without any exception. */
  readonly grossShortfall: Quantity;
  /** Other figures, of the metric and of the vendor. */
  readonly others: Readonly<Record<string, string>>;
  readonly split: Split;
  /** Rights of a started pack that can license nothing more. */
  readonly nontransferable: Quantity;
  readonly price: PriceResult;
  readonly silence: Silence;
  /** How rights were shared out between this pool and others; null where it stands for itself. */
  readonly allocation: PoolAllocation | null;
}

/** How pools of a snapshot are metered: by which metrics, under which rules, and who would have told us of use. */
export interface Metering {
  readonly metrics: Metrics;
  readonly rules: MetricRules;
  readonly silence: (pool: Pool) => Silence;
  readonly exceptions: ReturnType<typeof exceptionsInForce>;
  readonly exemptByRole: ReturnType<typeof roleExemptions>;
}

export function meteringOf(snapshot: Snapshot, metrics: Metrics): Metering {
  return {
    metrics,
    rules: metricRulesOf(snapshot),
    silence: silenceOf(snapshot),
    exceptions: exceptionsInForce(snapshot),
    exemptByRole: roleExemptions(snapshot),
  };
}

/** Metering and splitting of one pool. */
export function figuresOf(
  pool: Pool,
  { metrics, rules, silence, exceptions, exemptByRole }: Metering,
): PoolFigures {
  const metric = metrics.get(pool.entry?.metricCode ?? '') ?? null;
  const counted = metric === null ? null : countedDemand(pool, metric);
  const meter = (of: Pool): MeterResult => {
    if (metric === null) return notMetered(of);
    const met = rules.meter(metric, of);
    assertMetered(metric, met);
    return met;
  };
  const inForce = exceptions(pool);
  const free = counted === null ? exemptByRole(pool) : [];
  const needy = free.length === 0 ? pool : withoutSubjects(pool, free);
  const netted: ExemptedDemand =
    counted === null
      ? exempt(needy, inForce, meter)
      : { met: counted, gross: counted.required, applied: [] };
  const met = withRoleExemptions(netted.met, free);
  const exempted = { ...netted, met };
  const { owned, grace, basis } = poolRights(pool);
  const unlimited = pool.entitlements.some((each) => each.unlimited);
  const bySubject = new Map(met.counted.map((each) => [each.subjectId, each.licensableQuantity]));
  const splitOf = (required: Quantity): Split =>
    splitRights({ owned, grace, unlimited }, { required, bySubject }, pool.reservations);
  const split = splitOf(met.required);
  const rightsPerPack = pool.entry?.rightsPerPack ?? 1;
  const rest = restOfPack({ metric, owned, pool }, split);
  return {
    pool,
    metric,
    met,
    owned,
    grace,
    basis,
    unlimited,
    exempted,
    expiries: expiriesOf(needy, inForce, exempted.applied, meter).map((each) => ({
      ...each,
      shortfall: splitOf(each.required).shortfall,
    })),
    grossShortfall: splitOf(exempted.gross).shortfall,
    others: { ...met.figures, ...vendorFigures(pool.vendor) },
    split: { ...split, surplus: subtractQuantity(split.surplus, rest) },
    nontransferable: rest,
    price: rightPrice(pool.entitlements, rightsPerPack),
    // Who counts seats speaks of them, though nobody names their holders.
    silence: counted === null ? silence(pool) : 'speaks',
    allocation: null,
  };
}

/** What is left of the last pack that machines draw on licenses no further machine (G-19): it is no surplus. */
function restOfPack(
  { metric, owned, pool }: Pick<PoolFigures, 'metric' | 'owned' | 'pool'>,
  { surplus }: Split,
): Quantity {
  if (metric?.family !== 'capacity') return '0';
  const used = excess(owned, surplus);
  const rightsPerPack = pool.entry?.rightsPerPack ?? 1;
  const drawn = scaleQuantity(ceilQuantity(used, rightsPerPack), rightsPerPack);
  return minQuantity(surplus, subtractQuantity(drawn, used));
}

/** The figures of a pool after its rights and its demand were shared out with others (rule c.7). */
export function sharedOut(figures: PoolFigures, allocation: PoolAllocation): PoolFigures {
  const { met, exempted, expiries } = figures;
  const { shortfall, surplus } = allocation.split;
  // What comes back to the count draws on what is left here.
  const shortAt = (required: Quantity): Quantity =>
    sumQuantities([shortfall, excess(excess(required, met.required), surplus)]);
  const rest = restOfPack(figures, allocation.split);
  return {
    ...figures,
    allocation,
    split: { ...allocation.split, surplus: subtractQuantity(surplus, rest) },
    nontransferable: rest,
    basis: figures.basis === 'unknown' && allocation.mayBeServed ? 'contract' : figures.basis,
    silence: allocation.mayServe ? 'speaks' : figures.silence,
    grossShortfall: shortAt(exempted.gross),
    expiries: expiries.map((each) => ({ ...each, shortfall: shortAt(each.required) })),
  };
}

/** A metric may require more than it counts (a minimum), never less: a plug-in that does is wrong. */
function assertMetered(metric: MetricDefinition, met: MeterResult): void {
  const counted = sumQuantities(met.counted.map((each) => each.licensableQuantity));
  if (compareQuantity(met.required, counted) >= 0) return;
  throw new InternalError(
    `The metric ${metric.code} requires ${met.required} rights and counts ${counted}. Correct or remove the metric.`,
  );
}

function notMetered(pool: Pool): MeterResult {
  const excluded = subjectsOf(pool.claims).map(({ subjectId }) => ({
    subjectId,
    reason: 'not_metered',
  }));
  return {
    required: '0',
    counted: [],
    excluded,
    explanation: ['No metric counts this part number.'],
  };
}
