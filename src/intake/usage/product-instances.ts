import type { TenantTx } from '../../db/store.ts';

/** A copy of a product that reports its use under a name of its own. */
export interface RegisteredInstance {
  readonly id: string;
  readonly posture: 'licensor' | 'licensee';
  readonly skuCode: string;
  /** The CRM account of the customer who runs it; null for our own. */
  readonly customerRef: string | null;
  readonly environment: 'prod' | 'nonprod';
  readonly registeredAt: Date;
  readonly registeredBy: string;
}

const COLUMNS = `id, posture, sku_code as "skuCode", customer_ref as "customerRef", environment,
  registered_at as "registeredAt", registered_by as "registeredBy"`;

/** Registered instances in the order of their ids, after one of them. */
export function listInstances(
  tx: TenantTx,
  page: { readonly after?: string | undefined; readonly limit: number },
): Promise<readonly RegisteredInstance[]> {
  return tx.sql<RegisteredInstance>(
    `select ${COLUMNS} from product_instance i where $1::text is null or i.id > $1 order by i.id limit $2`,
    [page.after ?? null, page.limit],
  );
}

/** Those of some instances that are registered, by their ids. */
export async function instancesNamed(
  tx: TenantTx,
  ids: readonly string[],
): Promise<ReadonlyMap<string, RegisteredInstance>> {
  const rows = await tx.sql<RegisteredInstance>(
    `select ${COLUMNS} from product_instance i where i.id = any($1)`,
    [[...ids]],
  );
  return new Map(rows.map((row) => [row.id, row]));
}

/** Registers an instance, or says anew what it is. Returns it, and what it was before. */
export async function putInstance(
  tx: TenantTx,
  instance: Omit<RegisteredInstance, 'registeredAt'>,
): Promise<{ readonly instance: RegisteredInstance; readonly before: RegisteredInstance | null }> {
  const before = (await instancesNamed(tx, [instance.id])).get(instance.id) ?? null;
  const [row] = await tx.sql<RegisteredInstance>(
    `insert into product_instance as i (tenant_id, id, posture, sku_code, customer_ref, environment, registered_by)
     values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (tenant_id, id) do update set posture = excluded.posture, sku_code = excluded.sku_code,
       customer_ref = excluded.customer_ref, environment = excluded.environment,
       registered_at = app.clock(), registered_by = excluded.registered_by
     returning ${COLUMNS}`,
    [tx.tenantId, instance.id, instance.posture, instance.skuCode, instance.customerRef, instance.environment, instance.registeredBy], // prettier-ignore
  );
  if (row === undefined) throw new TypeError('An insert gave no row.');
  return { instance: row, before };
}
