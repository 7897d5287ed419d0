import { InternalError } from '../kernel/errors.ts';
import { directionOf, isProblem } from './language/direction.ts';
import type { Mapping } from './language/parse-mapping.ts';

/** The side of a mapping that is a vendor's: what it reads from, or what it writes to. */
export interface VendorSide {
  readonly direction: 'inbound' | 'outbound';
  /** The connector's id, or the name of one connection. */
  readonly system: string;
  readonly object: string;
}

/** The vendor side of a checked mapping. */
export function vendorSideOf({ document }: Mapping): VendorSide {
  const direction = directionOf(document);
  if (isProblem(direction)) throw new InternalError(`The mapping ${document.id} was not checked.`);
  const object = direction.kind === 'inbound' ? direction.stream : direction.object;
  return { direction: direction.kind, system: direction.connection, object };
}
