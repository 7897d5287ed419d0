import type { TenantTx } from '../../db/store.ts';
import { editsIn, type IntentEdit } from '../../delivery/edit-intent.ts';
import type { TraceHop } from './trace-hop.ts';

/** The hops, each write followed by what a person set by hand in it. */
export async function withEdits(
  tx: TenantTx,
  hops: readonly TraceHop[],
): Promise<readonly TraceHop[]> {
  const edits = await editsIn(
    tx,
    hops.flatMap(({ intentId }) => intentId ?? []),
  );
  const byIntent = Map.groupBy(edits, ({ intentId }) => intentId);
  return hops.flatMap((hop) => [
    hop,
    ...(byIntent.get(hop.intentId ?? '') ?? []).map((edit) => editHop(edit, hop.id)),
  ]);
}

function editHop(edit: IntentEdit, id: string): TraceHop {
  const { field, before, after, by, reason, mappingId, mappingVersion } = edit;
  return {
    kind: 'edit',
    system: edit.connection,
    object: edit.object,
    id,
    at: edit.at.toISOString(),
    summary: `${field} was set by hand from ${JSON.stringify(before)} to ${JSON.stringify(after)} by ${by}: ${reason}`,
    mapping:
      mappingId === null || mappingVersion === null
        ? null
        : { id: mappingId, version: mappingVersion },
    rules: null,
  };
}
