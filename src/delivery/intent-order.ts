import type { TenantTx } from '../db/store.ts';

/** Two records of one object: the later one is written only once the earlier one is seen as it was asked for. */
export interface RecordOrder {
  readonly connection: string;
  readonly object: string;
  readonly externalId: string;
  readonly afterExternalId: string;
}

/** In SQL, the revisions of the record that intent `i` is to follow. */
export const ABOUT_ANOTHER = `intent other where other.tenant_id = i.tenant_id
    and other.connection = i.connection and other.object = i.object and other.external_id = i.after_external_id`;

/** Orders intents that are not sent yet. `leasePlanned` keeps to it, whoever sends and whenever. */
export async function orderIntents(tx: TenantTx, orders: readonly RecordOrder[]): Promise<void> {
  if (orders.length === 0) return;
  await tx.run(
    `update intent i set after_external_id = o."afterExternalId"
     from jsonb_to_recordset($1::jsonb) as o (connection text, object text, "externalId" text, "afterExternalId" text)
     where i.connection = o.connection and i.object = o.object and i.external_id = o."externalId" and i.state = 'PLANNED'`,
    [JSON.stringify(orders)],
  );
}
