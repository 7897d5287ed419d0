import type { TenantTx } from '../db/store.ts';
import { isLive, listConnections } from '../intake/connections.ts';
import { landedPage } from '../intake/landed-pages.ts';
import type { Described, DescribedObject } from '../mapping/language/described.ts';
import { describedBy } from '../mapping/language/described-by.ts';
import { directionOf, isProblem } from '../mapping/language/direction.ts';
import type { MappingDocument } from '../mapping/language/mapping-document.ts';
import { keptDescription } from '../mapping/object-descriptions.ts';

/** Landed records that are looked at for names which a description leaves out. */
const SAMPLE = 200;

/** What one connection is known to hold of the objects that a mapping names. */
export interface DescribedConnection {
  readonly connection: string;
  readonly described: Described;
  /** Fields of the target that a new record there cannot do without. */
  readonly needed: readonly string[];
}

/**
 * How the objects of a mapping were described when somebody last asked, for every connection that it is for. No system is
 * asked. What nobody has described is left out.
 */
export async function describedFor(
  tx: TenantTx,
  document: MappingDocument,
): Promise<readonly DescribedConnection[]> {
  const direction = directionOf(document);
  if (isProblem(direction)) return [];
  const inbound = direction.kind === 'inbound';
  const objects = inbound
    ? [direction.stream, ...Object.values(document.include ?? {}).map(({ stream }) => stream)]
    : [direction.object];
  const connections = (await listConnections(tx)).filter(
    (each) => isLive(each) && [each.id, each.connector].includes(direction.connection),
  );
  const found: DescribedConnection[] = [];
  for (const { id } of connections) {
    const described = new Map<string, DescribedObject>();
    const needed: string[] = [];
    for (const object of new Set(objects)) {
      const kept = await keptDescription(tx, id, object);
      if (kept === null) continue;
      const { fields } = kept.description;
      const records = inbound ? await landedPage(tx, id, object, null, SAMPLE) : [];
      described.set(object, describedBy(fields, records.map(({ data }) => data))); // prettier-ignore
      needed.push(...fields.filter((each) => each.required && !each.readOnly).map(({ name }) => name)); // prettier-ignore
    }
    found.push({ connection: id, described, needed: inbound ? [] : needed });
  }
  return found;
}
