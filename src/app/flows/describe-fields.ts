import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';
import {
  describeOurs,
  describeVendor,
  type DescribedSide,
  type DescribePushed,
} from '../describe-side.ts';
import { openSketch, type BenchInput } from '../mapping-bench.ts';

/** The fields of an object of a connected system, with their age. Throws NotFoundError and the remote errors. */
export function describeFields(
  deps: Deps,
  caller: Caller,
  input: { readonly connection: string; readonly object: string; readonly pushed: DescribePushed },
): Promise<DescribedSide> {
  return describeVendor(deps, caller.tenantId, input, input.pushed);
}

/** Both sides of a mapping: what its rows may read, and what they fill. Throws NotFoundError and the remote errors. */
export async function describeMapping(
  deps: Deps,
  caller: Caller,
  input: BenchInput & { readonly pushed: DescribePushed },
): Promise<{ readonly source: DescribedSide; readonly target: DescribedSide }> {
  const { tenantId } = caller;
  const { direction, connection } = await deps.store.readTenant(tenantId, (tx) =>
    openSketch(deps, tx, input),
  );
  const vendor = (object: string): Promise<DescribedSide> =>
    describeVendor(deps, tenantId, { connection: connection.id, object }, input.pushed);
  if (direction.kind === 'inbound')
    return { source: await vendor(direction.stream), target: describeOurs(direction.noun) };
  return { source: describeOurs(direction.document), target: await vendor(direction.object) };
}

/** The fields of a canonical noun or a document of commerce. Throws NotFoundError. */
export async function describeOurFields(object: string): Promise<DescribedSide> {
  return describeOurs(object);
}
