import type { TenantTx } from '../db/store.ts';

/** An account that the ledger holds as active, and the landed record that says so. */
export interface ActiveAccount {
  readonly recordId: string;
  readonly externalRef: string;
}

/** The active accounts that some landed records of a stream gave, as known now. */
export async function activeAccountsOf(
  tx: TenantTx,
  place: { readonly connection: string; readonly stream: string },
  recordIds: readonly string[],
): Promise<readonly ActiveAccount[]> {
  return tx.sql<ActiveAccount>(
    `select f.record_id as "recordId", f.external_ref as "externalRef" from fact f
     where f.tenant_id = $1 and f.connection = $2 and f.stream = $3 and f.record_id = any($4)
       and f.noun = 'userAccount' and f.recorded_to = 'infinity' and (f.body -> 'active') = 'true'::jsonb`,
    [tx.tenantId, place.connection, place.stream, [...recordIds]],
  );
}

/** How many active accounts a connection has, as known now. */
export async function countActiveAccounts(tx: TenantTx, connection: string): Promise<number> {
  const [row] = await tx.sql<{ count: number }>(
    `select count(*)::int as count from fact f
     where f.tenant_id = $1 and f.connection = $2
       and f.noun = 'userAccount' and f.recorded_to = 'infinity' and (f.body -> 'active') = 'true'::jsonb`,
    [tx.tenantId, connection],
  );
  return row?.count ?? 0;
}
