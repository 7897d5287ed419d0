import type { Target } from '../delivery/dispatch.ts';
import type { JobContext } from '../sdk/flows.ts';
import type { Deps } from './deps.ts';

/** One object of one connection while a worker delivers to it. */
export interface Delivery {
  readonly deps: Deps;
  readonly context: JobContext;
  readonly target: Target;
  /** Records per call at most. */
  readonly batch: number;
  /** Fields that the connector writes by later calls than the record. */
  readonly partFields: readonly string[];
  /** How long a write may be on its way. */
  readonly leaseSeconds: number;
  /** Mappings that are paused on this object: what they made is not sent. */
  readonly butOf?: readonly string[];
}
