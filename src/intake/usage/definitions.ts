import type { TenantTx } from '../../db/store.ts';
import type { PublishedDefinition, UsageDefinition } from './definition.ts';
import { windowsOfTypes } from './changes.ts';

const SELECT = `select d.name, d.version, d.from_day as "fromDay", d.document, d.published_at as "publishedAt",
  d.published_by as "publishedBy" from usage_definition d`;

/** Every version of every definition, or of one, in their order. */
export function listDefinitions(
  tx: TenantTx,
  name?: string,
): Promise<readonly PublishedDefinition[]> {
  return tx.sql<PublishedDefinition>(
    `${SELECT} where $1::text is null or d.name = $1 order by d.name, d.version`,
    [name ?? null],
  );
}

/**
 * Publishes the next version of a definition. Versions are never changed. Days that the version counts, and those that
 * its forerunners counted, are counted anew.
 */
export async function publishDefinition(
  tx: TenantTx,
  name: string,
  document: UsageDefinition,
  publishedBy: string,
): Promise<PublishedDefinition> {
  // Two that publish one name at a time get two numbers.
  await tx.sql(`select pg_advisory_xact_lock(hashtextextended($1, 0))`, [
    `usage_definition:${tx.tenantId}:${name}`,
  ]);
  const [made] = await tx.sql<PublishedDefinition>(
    `insert into usage_definition as d (tenant_id, name, version, from_day, document, published_by)
     select $1, $2, coalesce(max(o.version), 0) + 1, $3::date, $4, $5 from usage_definition o where o.name = $2
     returning d.name, d.version, d.from_day as "fromDay", d.document, d.published_at as "publishedAt", d.published_by as "publishedBy"`,
    [tx.tenantId, name, document.from ?? null, JSON.stringify(document), publishedBy],
  );
  if (made === undefined) throw new TypeError('An insert gave no row.');
  const types = (await listDefinitions(tx, name)).map((each) => each.document.eventType);
  await windowsOfTypes(tx, [...new Set(types)], {
    from: document.from ?? null,
    actor: publishedBy,
  });
  return made;
}
