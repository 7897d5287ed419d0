import type { TenantTx } from '../db/store.ts';
import type { ObjectDescription } from '../sdk/define-connector.ts';

/** A description and when the system gave it. */
export interface KeptDescription {
  readonly description: ObjectDescription;
  readonly describedAt: Date;
}

/** What a new record of an object cannot do without, as one connection described it. */
export interface NeededField {
  readonly connection: string;
  readonly connector: string;
  readonly object: string;
  readonly needed: readonly string[];
}

/** What new records need of every object that a system was asked for whole. No system is asked. */
export async function neededFields(
  tx: TenantTx,
): Promise<readonly Omit<NeededField, 'connector'>[]> {
  return tx.sql(
    `select d.connection, d.object, array(
       select f.value ->> 'name' from jsonb_array_elements(d.description -> 'fields') f
       where (f.value -> 'required')::boolean and not (f.value -> 'readOnly')::boolean) as needed
     from object_description d`,
  );
}

/** Keeps how a system describes an object now, in place of the description before. */
export async function keepDescription(
  tx: TenantTx,
  connection: string,
  description: ObjectDescription,
): Promise<void> {
  await tx.run(
    `insert into object_description (tenant_id, connection, object, description) values ($1, $2, $3, $4)
     on conflict (tenant_id, connection, object) do update
       set description = excluded.description, described_at = app.clock()`,
    [tx.tenantId, connection, description.object, JSON.stringify(description)],
  );
}

/**
 * How a system described an object when it was last asked: whole, or as far as reading it kept its fields (names, types
 * and options). Null if it never was.
 */
export async function keptDescription(
  tx: TenantTx,
  connection: string,
  object: string,
): Promise<KeptDescription | null> {
  const [whole] = await tx.sql<KeptDescription>(
    `select d.description, d.described_at as "describedAt" from object_description d
     where d.connection = $1 and d.object = $2`,
    [connection, object],
  );
  if (whole !== undefined) return whole;
  const [shape] = await tx.sql<{
    readonly fields: Readonly<
      Record<string, { readonly type: string; readonly options: readonly string[] }>
    >;
    readonly lookedAt: Date;
  }>(
    `select s.fields, s.looked_at as "lookedAt" from stream_schema s where s.connection = $1 and s.stream = $2`,
    [connection, object],
  );
  if (shape === undefined) return null;
  const fields = Object.entries(shape.fields).map(([name, { type, options }]) => ({
    name,
    label: name,
    type,
    required: false,
    readOnly: false,
    custom: false,
    key: false,
    picklist: options,
    reference: null,
  }));
  return { description: { object, label: object, fields }, describedAt: shape.lookedAt };
}
