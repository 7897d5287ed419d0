import { CommerceSettings } from '../commerce/settings.ts';
import type { TenantTx } from '../db/store.ts';

/** The company's settings for deals and renewals; defaults for what it has not decided. */
export async function commerceSettings(tx: TenantTx): Promise<CommerceSettings> {
  const [row] = await tx.sql<{ settings: Record<string, unknown> }>(
    `select t.settings from tenant t where t.id = $1`,
    [tx.tenantId],
  );
  return CommerceSettings.parse(row?.settings['commerce'] ?? {});
}
