import type { AllocationLine } from '../../canonical/allocation-line.ts';
import type { Quantity } from '../../kernel/quantity.ts';
import type { Rational } from '../../kernel/rational.ts';

export type CoverageKind = NonNullable<AllocationLine['coverageKind']>;

/** Why rights do not cover a demand that they might seem to be for (rule c.7). */
export type WhyNot = NonNullable<AllocationLine['whyNot'][number]['reason']>;

/** Rights of one entitlement that the same parties may draw on. */
export interface RightsSlice {
  readonly id: string;
  readonly poolId: string;
  /** Null where a publisher's own count stands for the contract, and for rights in grace. */
  readonly entitlementRef: string | null;
  readonly quantity: Quantity;
  /** What one right costs; null where nobody says. */
  readonly unitCost: Rational | null;
  /** Of rights that cost the same those that end first are used first, then those granted first. */
  readonly validTo: string | null;
  readonly validFrom: string | null;
}

/** Demand that may draw on the same rights. */
export interface DemandClass {
  readonly id: string;
  readonly poolId: string;
  readonly quantity: Quantity;
  /** What one more right would cost; null where nobody says. */
  readonly trueUpPrice: Rational | null;
  /** How many units are short with each unit that is: 1, and more where further use hangs on it. */
  readonly weight: number;
}

/** One way in which rights may cover demand. */
export interface Eligible {
  readonly slice: number;
  readonly demand: number;
  readonly phase: number;
  /** Order inside a phase; the smaller is preferred. */
  readonly rank: number;
  readonly kind: CoverageKind;
  /** Rights that one unit of demand takes. */
  readonly ratio: Rational;
}

export interface AllocationProblem {
  readonly slices: readonly RightsSlice[];
  readonly classes: readonly DemandClass[];
  readonly eligible: readonly Eligible[];
}

export interface Covered {
  readonly path: Eligible;
  readonly quantity: Quantity;
  readonly rightsConsumed: Quantity;
}

export interface Allocated {
  readonly covered: readonly Covered[];
  /** By the index of the class, and of the slice. */
  readonly unmet: readonly Quantity[];
  readonly unused: readonly Quantity[];
  /** The indexes of classes of parts that were not solved for the least cost. */
  readonly heuristic: ReadonlySet<number>;
}
