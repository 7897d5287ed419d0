import type { PositionLine } from '../canonical/position-line.ts';
import { InternalError } from '../kernel/errors.ts';
import {
  ceilQuantity,
  compareQuantity,
  minQuantity,
  scaleQuantity,
  subtractQuantity,
  sumQuantities,
  type Quantity,
} from '../kernel/quantity.ts';
import type { MeterResult, MetricDefinition } from '../sdk/define-metric.ts';
import { subjectsOf } from './demand.ts';
import { metricRulesOf, type MetricRules } from './metric-rules.ts';
import type { Pool } from './pools.ts';
import { rightPrice, type PriceResult } from './price.ts';
import { poolGrace } from './rights.ts';
import { silenceOf, type Silence } from './silence.ts';
import type { Snapshot } from './snapshot.ts';
import { splitRights, type Split } from './split.ts';

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
  /** Other figures of its metric, such as when a peak was reached; absent where it gives none. */
  readonly figures?: Readonly<Record<string, string>>;
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
  readonly unlimited: boolean;
  readonly split: Split;
  /** Rights of a started pack that can license nothing more. */
  readonly nontransferable: Quantity;
  readonly price: PriceResult;
  readonly silence: Silence;
}

/** How pools of a snapshot are metered: by which metrics, under which rules, and who would have told us of use. */
export interface Metering {
  readonly metrics: Metrics;
  readonly rules: MetricRules;
  readonly silence: (pool: Pool) => Silence;
}

export function meteringOf(snapshot: Snapshot, metrics: Metrics): Metering {
  return { metrics, rules: metricRulesOf(snapshot), silence: silenceOf(snapshot) };
}

/** Metering and splitting of one pool. */
export function figuresOf(pool: Pool, { metrics, rules, silence }: Metering): PoolFigures {
  const metric = metrics.get(pool.entry?.metricCode ?? '') ?? null;
  const met = metric === null ? notMetered(pool) : rules.meter(metric, pool);
  if (metric !== null) assertMetered(metric, met);
  const owned = sumQuantities(pool.entitlements.map((each) => each.owned));
  const grace = poolGrace(pool.entitlements);
  const unlimited = pool.entitlements.some((each) => each.unlimited);
  const bySubject = new Map(met.counted.map((each) => [each.subjectId, each.licensableQuantity]));
  const split = splitRights(
    { owned, grace, unlimited },
    { required: met.required, bySubject },
    pool.reservations,
  );
  const rightsPerPack = pool.entry?.rightsPerPack ?? 1;
  const price = rightPrice(pool.entitlements, rightsPerPack);
  const rest = metric?.family === 'capacity' ? restOfPack(split, rightsPerPack) : '0';
  return {
    pool,
    metric,
    met,
    owned,
    grace,
    unlimited,
    split: { ...split, surplus: subtractQuantity(split.surplus, rest) },
    nontransferable: rest,
    price,
    silence: silence(pool),
  };
}

/** What is left of the last pack that machines draw on licenses no further machine (G-19): it is no surplus. */
function restOfPack({ rightsReserved, surplus }: Split, rightsPerPack: number): Quantity {
  const drawn = scaleQuantity(ceilQuantity(rightsReserved, rightsPerPack), rightsPerPack);
  return minQuantity(surplus, subtractQuantity(drawn, rightsReserved));
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
