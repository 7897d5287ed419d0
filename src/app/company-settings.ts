import * as z from 'zod';
import { CommerceSettings } from '../commerce/settings.ts';
import type { Store } from '../db/store.ts';
import { getTenant } from '../db/tenants.ts';

const Days = z.number().int().min(1).max(36_500);

/** How long each kind of data is kept, in days. Facts, intents, plans and the audit are never removed by age. */
export const Retention = z.strictObject({
  /** Former contents of source records. */
  sourceRecordVersions: Days.default(400),
  /** Runs with their pages and certificates. */
  runs: Days.default(400),
  /** Records that were waiting for a person and are resolved. */
  resolvedErrors: Days.default(180),
  /** Pushes from vendors. */
  inbox: Days.default(90),
});
export type Retention = z.infer<typeof Retention>;

/** What a company has decided, with defaults for the rest. */
export const CompanySettings = z.object({
  commerce: CommerceSettings.prefault({}),
  retention: Retention.prefault({}),
});
export type CompanySettings = z.infer<typeof CompanySettings>;

/** The settings of a company. */
export async function companySettings(store: Store, tenantId: string): Promise<CompanySettings> {
  return CompanySettings.parse((await getTenant(store, tenantId)).settings);
}

/** Replaces one part of the settings as a whole; the other parts stay as they are. */
export async function saveSettings<Part extends keyof CompanySettings>(
  store: Store,
  tenantId: string,
  part: Part,
  value: CompanySettings[Part],
): Promise<void> {
  await store.asOwner((tx) =>
    tx.run(
      `update public.tenant set settings = jsonb_set(tenant.settings, array[$2], $3::jsonb) where tenant.id = $1`,
      [tenantId, part, JSON.stringify(value)],
    ),
  );
}
