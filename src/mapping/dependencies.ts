import type { TenantTx } from '../db/store.ts';
import type { IncludeRef } from './mapping-plan.ts';

/** A child record that was mapped with parents included, however many: none takes its old parents away. */
export interface MappedChild {
  readonly id: string;
  readonly parents: readonly Pick<IncludeRef, 'stream' | 'id'>[];
}

export interface DependencyScope {
  readonly connection: string;
  readonly stream: string;
  readonly mappingId: string;
}

/**
 * Records which parents each child included when it was mapped just now, in place of what was recorded before.
 * A parent that is not landed yet is recorded too: its coming maps the child again.
 */
export async function recordDependencies(
  tx: TenantTx,
  { connection, stream, mappingId }: DependencyScope,
  children: readonly MappedChild[],
): Promise<void> {
  if (children.length === 0) return;
  const childIds = children.map(({ id }) => id);
  const edges = children.flatMap(({ id, parents }) => parents.map((parent) => ({ id, parent })));
  await tx.run(
    `delete from mapping_dependency where connection = $1 and child_stream = $2 and mapping_id = $3 and child_id = any ($4)`,
    [connection, stream, mappingId, childIds],
  );
  if (edges.length === 0) return;
  await tx.run(
    `insert into mapping_dependency (tenant_id, connection, child_stream, mapping_id, child_id, parent_stream, parent_id)
     select $1, $2, $3, $4, e.child_id, e.parent_stream, e.parent_id
     from unnest($5::text[], $6::text[], $7::text[]) as e (child_id, parent_stream, parent_id)
     on conflict do nothing`,
    [
      tx.tenantId,
      connection,
      stream,
      mappingId,
      edges.map(({ id }) => id),
      edges.map(({ parent }) => parent.stream),
      edges.map(({ parent }) => parent.id),
    ],
  );
}

/** A record that is to be mapped again because a record that it includes changed. */
export interface Dependent {
  readonly stream: string;
  readonly id: string;
}

/** The children that included any of these records, each once, in a stable order. */
export async function dependentsOf(
  tx: TenantTx,
  parent: { readonly connection: string; readonly stream: string; readonly ids: readonly string[] },
): Promise<readonly Dependent[]> {
  if (parent.ids.length === 0) return [];
  return await tx.sql<{ stream: string; id: string }>(
    `select distinct d.child_stream as stream, d.child_id as id from mapping_dependency d
     where d.connection = $1 and d.parent_stream = $2 and d.parent_id = any ($3)
     order by 1, 2`,
    [parent.connection, parent.stream, [...parent.ids]],
  );
}
