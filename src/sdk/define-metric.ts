import type * as z from 'zod';
import type { Quantity } from '../kernel/quantity.ts';
import type { MeterInput, MetricServer } from './meter-input.ts';

export type {
  FactorTable,
  MeterInput,
  MetricDenial,
  MetricDevice,
  MetricReading,
  MetricServer,
  MetricSession,
  MetricSubject,
  MetricVm,
} from './meter-input.ts';

export interface MeteredSubject {
  readonly subjectId: string;
  readonly licensableQuantity: Quantity;
  readonly evidence: readonly string[];
}

export interface ExcludedSubject {
  readonly subjectId: string;
  readonly reason: string;
}

export interface MeterResult {
  /** Rights that the demand needs; at least the sum of `counted`, more where a metric has a minimum. */
  readonly required: Quantity;
  readonly counted: readonly MeteredSubject[];
  readonly excluded: readonly ExcludedSubject[];
  /** What no right of this metric may license, whatever is owned. */
  readonly unlicensable?: readonly ExcludedSubject[];
  /** Other figures that the metric gives, such as when a peak was reached. They take part in no arithmetic. */
  readonly figures?: Readonly<Record<string, string>>;
  /** What nobody says and the count cannot do without: no confident number then. */
  readonly gaps?: readonly string[];
  /** Doubts about the count, such as a processor that no table knows. */
  readonly warnings?: readonly string[];
  /** The arithmetic in words, one step a line. */
  readonly explanation: readonly string[];
}

/**
 * A licence metric: a pure counting rule with a version. One file below `src/licensing/metrics/`,
 * its file name is its code in kebab case (`user-subscription.ts` is `user_subscription`).
 */
export interface MetricDefinition<Attributes extends z.ZodObject = z.ZodObject> {
  readonly code: string;
  readonly version: number;
  readonly title: string;
  readonly family: 'user' | 'device' | 'concurrent' | 'capacity' | 'consumption' | 'fixed';
  readonly unit: string;
  readonly aggregation: 'count_distinct' | 'sum' | 'peak' | 'average' | 'point_in_time';
  /** The published rule that the metric encodes. */
  readonly source: string;
  /** The parameters, with their values unless a rule version says otherwise. */
  readonly attributes: Attributes;
  meter(input: MeterInput, attributes: z.output<Attributes>): MeterResult;
  /**
   * For a metric that counts machines: what whole hosts need, under rights to all of a host that license every machine on it.
   * Null where these parameters do not allow the choice.
   */
  meterHosts?(hosts: readonly MetricServer[], attributes: z.output<Attributes>): MeterResult | null;
}

/** Declares a metric. The registry checks the shape at start and names the file that does not fit. */
export function defineMetric<Attributes extends z.ZodObject>(
  definition: MetricDefinition<Attributes>,
): MetricDefinition<Attributes> {
  return definition;
}
