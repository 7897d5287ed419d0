import type { JsonObject } from '../kernel/hash.ts';
import type { Quantity } from '../kernel/quantity.ts';

/** One unit of demand before metering: a person or a login that holds or uses a product in one pool. */
export interface MetricSubject {
  /** The person when the identity graph knows one, else the login: what the metric counts distinctly. */
  readonly subjectId: string;
  readonly kind: 'human' | 'service' | 'shared' | 'unknown';
  /** True if the login is active in the source. */
  readonly active: boolean;
  /** True if a seat is assigned; false for observed use without one. */
  readonly assigned: boolean;
  readonly quantity: Quantity;
  /** Ids of the facts that this subject rests on. */
  readonly evidence: readonly string[];
}

export interface MeteredSubject {
  readonly subjectId: string;
  readonly licensableQuantity: Quantity;
  readonly evidence: readonly string[];
}

export interface MeterResult {
  readonly required: Quantity;
  readonly counted: readonly MeteredSubject[];
  readonly excluded: readonly { readonly subjectId: string; readonly reason: string }[];
  /** The arithmetic in words, one step a line. */
  readonly explanation: readonly string[];
}

/**
 * A licence metric: a pure counting rule with a version. One file below `src/licensing/metrics/`,
 * its file name is its code in kebab case (`user-subscription.ts` is `user_subscription`).
 */
export interface MetricDefinition {
  readonly code: string;
  readonly version: number;
  readonly title: string;
  readonly family: 'user' | 'device' | 'concurrent' | 'capacity' | 'consumption' | 'fixed';
  readonly unit: string;
  readonly aggregation: 'count_distinct' | 'sum' | 'peak' | 'average' | 'point_in_time';
  /** The published rule that the metric encodes. */
  readonly source: string;
  meter(subjects: readonly MetricSubject[], attributes: JsonObject): MeterResult;
}

/** Declares a metric. The registry checks the shape at start and names the file that does not fit. */
export function defineMetric(definition: MetricDefinition): MetricDefinition {
  return definition;
}
