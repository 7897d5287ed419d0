import type { TenantTx } from '../db/store.ts';
import { newId } from '../kernel/ids.ts';
import type { ObjectShape, SchemaChange, SchemaChangeKind } from './schema-difference.ts';

/** One object of one connection. */
export interface SchemaPlace {
  readonly connection: string;
  readonly stream: string;
}

export interface KnownSchema {
  readonly fields: ObjectShape;
  /** Fields that the system describes and leaves out of records where they are empty. */
  readonly sparse: readonly string[];
  /** How long ago it was described, in seconds of the database clock. */
  readonly ageSeconds: number;
}

/** How an object was last described; null if it never was. */
export async function knownSchema(tx: TenantTx, place: SchemaPlace): Promise<KnownSchema | null> {
  const [row] = await tx.sql<KnownSchema>(
    `select s.fields, s.sparse, extract(epoch from app.clock() - s.looked_at)::float8 as "ageSeconds"
     from stream_schema s where s.connection = $1 and s.stream = $2`,
    [place.connection, place.stream],
  );
  return row ?? null;
}

/** Keeps a description in place of the one before, and which fields have turned out to be sparse. */
export async function saveSchema(
  tx: TenantTx,
  place: SchemaPlace,
  fields: ObjectShape,
  sparse: readonly string[],
): Promise<void> {
  await tx.run(
    `insert into stream_schema (tenant_id, connection, stream, fields, sparse) values ($1, $2, $3, $4, $5)
     on conflict (tenant_id, connection, stream) do update
       set fields = excluded.fields, sparse = excluded.sparse, looked_at = app.clock()`,
    [tx.tenantId, place.connection, place.stream, JSON.stringify(fields), [...sparse]],
  );
}

/** Keeps what changed, for people to see. */
export async function saveChanges(
  tx: TenantTx,
  place: SchemaPlace,
  changes: readonly SchemaChange[],
): Promise<void> {
  for (const { field, kind, before, after } of changes) {
    const detail = kind === 'retyped' ? `${before} → ${after}` : before + after;
    await tx.run(
      `insert into schema_change (tenant_id, id, connection, stream, field, kind, detail)
       values ($1, $2, $3, $4, $5, $6, $7)`,
      [tx.tenantId, newId('sch'), place.connection, place.stream, field, kind, detail],
    );
  }
}

/** A change of a description, as it is shown. */
export interface SeenChange {
  readonly id: string;
  readonly stream: string;
  readonly field: string;
  readonly kind: SchemaChangeKind;
  /** The types before and after, or the option that came or went. */
  readonly detail: string;
  readonly seenAt: Date;
}

/** The changes of a connection's objects, newest first. */
export async function listChanges(
  tx: TenantTx,
  connection: string,
  page: { readonly before?: string | undefined; readonly limit: number },
): Promise<readonly SeenChange[]> {
  return tx.sql<SeenChange>(
    `select c.id, c.stream, c.field, c.kind, c.detail, c.seen_at as "seenAt" from schema_change c
     where c.connection = $1 and ($2::text is null or c.id < $2) order by c.id desc limit $3`,
    [connection, page.before ?? null, page.limit],
  );
}
