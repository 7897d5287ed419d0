import type { TenantTx } from '../db/store.ts';
import { writeFailures } from '../delivery/write-groups.ts';
import { isLive, listConnections } from '../intake/connections.ts';
import { recordFailures } from '../intake/quarantine-groups.ts';
import { coverageOf, type Coverage } from '../mapping/coverage.ts';
import type { MappingDocument } from '../mapping/language/mapping-document.ts';
import { neededFields } from '../mapping/object-descriptions.ts';

/** How a mapping does. */
export interface MappingHealth {
  /** Null while no connection has described the object that it writes. */
  readonly coverage: Coverage | null;
  readonly errors: { readonly waiting: number; readonly last7Days: number };
}

/** How far mappings cover their targets, and what failed because of them; of one mapping alone if it is named. */
export async function mappingHealth(
  tx: TenantTx,
  id?: string,
): Promise<(id: string, document: MappingDocument) => MappingHealth> {
  const connectors = new Map(
    (await listConnections(tx)).filter(isLive).map((each) => [each.id, each.connector]),
  );
  const described = (await neededFields(tx)).flatMap((each) => {
    const connector = connectors.get(each.connection);
    return connector === undefined ? [] : [{ ...each, connector }];
  });
  const failures = Map.groupBy(
    [...(await recordFailures(tx, id)), ...(await writeFailures(tx, id))],
    ({ mappingId }) => mappingId,
  );
  return (each, document) => ({
    coverage: coverageOf(document, described),
    errors: {
      waiting: sumOf(failures.get(each), 'waiting'),
      last7Days: sumOf(failures.get(each), 'last7Days'),
    },
  });
}

function sumOf(
  failures: readonly { readonly waiting: number; readonly last7Days: number }[] = [],
  which: 'waiting' | 'last7Days',
): number {
  return failures.reduce((sum, failure) => sum + failure[which], 0);
}
