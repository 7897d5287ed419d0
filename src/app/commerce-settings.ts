import type { CommerceSettings } from '../commerce/settings.ts';
import type { TenantTx } from '../db/store.ts';
import { companySetting } from './company-settings.ts';

/** The company's settings for deals and renewals; defaults for what it has not decided. */
export function commerceSettings(tx: TenantTx): Promise<CommerceSettings> {
  return companySetting(tx, 'commerce');
}
