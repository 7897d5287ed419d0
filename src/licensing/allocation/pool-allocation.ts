import type { AllocationLine } from '../../canonical/allocation-line.ts';
import type { Quantity } from '../../kernel/quantity.ts';
import type { Split } from '../split.ts';

/** An allocation line before it belongs to a run. */
export type AllocatedLine = Omit<AllocationLine, 'id' | 'runRef'>;

/** What allocation makes of one pool whose rights are not simply its own demand's. */
export interface PoolAllocation {
  readonly split: Split;
  /** Its demand that rights of other pools cover, and its rights that serve the demand of others. */
  readonly coveredByOthers: Quantity;
  readonly lentToOthers: Quantity;
  /** Devices that need no right because another one of their user has one. */
  readonly coveredBySecondaryUse: Quantity;
  /** Whether its rights may serve other pools, and theirs its demand. */
  readonly mayServe: boolean;
  readonly mayBeServed: boolean;
  /** Whether all that is short is squared later, by agreements whose rights those who are short may draw on. */
  readonly truesUp: boolean;
  readonly lines: readonly AllocatedLine[];
  readonly warnings: readonly string[];
}
