import type { Target } from '../delivery/target.ts';
import type { ParentFields } from '../delivery/parent-rows.ts';
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
  /** True where the vendor has no field for our ids: records are known by its own, and reading back proves by values. */
  readonly byState: boolean;
  /** True where the vendor is called once for each record. */
  readonly oneByOne: boolean;
  /** By written object of the connection: the field with the record whose row is locked along with it. */
  readonly parents: ParentFields;
  /** How long a write may be on its way. */
  readonly leaseSeconds: number;
  /** Mappings that are paused on this object: what they made is not sent. */
  readonly butOf?: readonly string[];
}
