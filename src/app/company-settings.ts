import * as z from 'zod';
import { Amount, CurrencyCode } from '../canonical/fields.ts';
import { CommerceSettings } from '../commerce/settings.ts';
import type { TenantTx } from '../db/store.ts';
import { CyclePolicy } from '../licensing/cycles/cycle-policy.ts';
import { DetectionPolicy } from '../licensing/detection-policy.ts';
import { PoolLimits } from '../licensing/seat-answer.ts';
import { IncidentPolicy } from './incident-policy.ts';

const Days = z.number().int().min(1).max(36_500);

/** How long each kind of data is kept, in days. Facts, intents, plans, certificates and the audit are never removed by age. */
export const Retention = z.strictObject({
  /** Former contents of source records. */
  sourceRecordVersions: Days.default(400),
  /** Runs with their pages; their certificates stay. */
  runs: Days.default(400),
  /** Records that were waiting for a person and are resolved, lost accounts and their holds among them. */
  resolvedErrors: Days.default(180),
  /** Pushes from vendors, and events told to webhooks that wait nowhere. */
  inbox: Days.default(90),
  /** Events of use, by their day; what was counted of them stays. */
  usageEvents: Days.default(400),
});
export type Retention = z.infer<typeof Retention>;

/**
 * How many active accounts one connection may lose before a person has to confirm: `people`, or `percent` of its active
 * accounts where that is more, within `hours`; and how many records one stream may stop showing within `hours`, `records`
 * or `recordsPercent` of what it held where that is more.
 */
export const PeopleLimits = z.strictObject({
  people: z.number().int().min(0).max(1_000_000).default(10),
  percent: z.number().int().min(0).max(100).default(5),
  hours: z.number().int().min(1).max(720).default(24),
  records: z.number().int().min(0).max(1_000_000).default(20),
  recordsPercent: z.number().int().min(0).max(100).default(10),
});
export type PeopleLimits = z.infer<typeof PeopleLimits>;

/**
 * How many seats and logins may be taken from people without another person's word: `seats`, or `percent` of the seats that
 * our people hold where that is more, within `hours`.
 */
export const SeatLimits = z.strictObject({
  seats: z.number().int().min(0).max(1_000_000).default(10),
  percent: z.number().int().min(0).max(100).default(5),
  hours: z.number().int().min(1).max(720).default(24),
});
export type SeatLimits = z.infer<typeof SeatLimits>;

/**
 * What a run may change in other systems without a person's word: `records` that are there already, or `percent` of those
 * that we wrote of the same objects where that is more; `newRecords` that it makes; `money` a currency. Deals that policy
 * approves count together over `hours`.
 */
export const WriteLimits = z.strictObject({
  records: z.number().int().min(0).max(1_000_000).default(50),
  percent: z.number().int().min(0).max(100).default(20),
  newRecords: z.number().int().min(0).max(1_000_000).default(5_000),
  money: z
    .array(z.strictObject({ amount: Amount, currency: CurrencyCode }))
    .max(200)
    .default([]),
  hours: z.number().int().min(1).max(720).default(24),
});
export type WriteLimits = z.infer<typeof WriteLimits>;

/** How mappings come into effect. */
export const MappingRules = z.strictObject({
  /** Nobody who wrote or submitted a mapping approves it. */
  secondPerson: z.boolean().default(true),
});
export type MappingRules = z.infer<typeof MappingRules>;

/** What a company has decided, one document a topic, with defaults for the rest. */
const CompanySettings = z.object({
  commerce: CommerceSettings.prefault({}),
  retention: Retention.prefault({}),
  people: PeopleLimits.prefault({}),
  mappings: MappingRules.prefault({}),
  seats: SeatLimits.prefault({}),
  incidents: IncidentPolicy.prefault({}),
  writes: WriteLimits.prefault({}),
  detection: DetectionPolicy.prefault({}),
  cycles: CyclePolicy.prefault({}),
  pools: PoolLimits.prefault({}),
});
type CompanySettings = z.infer<typeof CompanySettings>;

/** The topics that a company decides about. */
export const SETTING_TOPICS: readonly string[] = Object.keys(CompanySettings.shape);

interface Row {
  readonly document: Readonly<Record<string, unknown>>;
}

/** One topic of the company's settings; defaults for what it has not decided. */
export async function companySetting<Topic extends keyof CompanySettings>(
  tx: TenantTx,
  topic: Topic,
): Promise<CompanySettings[Topic]> {
  const [row] = await tx.sql<Row>(`select s.document from company_setting s where s.name = $1`, [
    topic,
  ]);
  return CompanySettings.parse({ [topic]: row?.document })[topic];
}

/** One topic as it stood at an instant, for what is computed again as it was known then. */
export async function companySettingAt<Topic extends keyof CompanySettings>(
  tx: TenantTx,
  topic: Topic,
  knownAt: Date,
): Promise<CompanySettings[Topic]> {
  const [row] = await tx.sql<Row>(
    `select v.document from company_setting_version v where v.name = $1 and v.recorded_from <= $2
     order by v.version desc limit 1`,
    [topic, knownAt],
  );
  return CompanySettings.parse({ [topic]: row?.document })[topic];
}

/** How often a topic was changed; 0 while the company has decided nothing. */
export async function settingVersion(tx: TenantTx, topic: keyof CompanySettings): Promise<number> {
  const [row] = await tx.sql<{ version: number }>(
    `select s.version::int as version from company_setting s where s.name = $1`,
    [topic],
  );
  return row?.version ?? 0;
}

/**
 * Replaces one topic of the settings as a whole and returns what it was before, so that the caller's audit entry, in the
 * same transaction, tells both. Two changes at once come one after the other, and the later one sees the earlier.
 */
export async function saveSetting<Topic extends keyof CompanySettings>(
  tx: TenantTx,
  topic: Topic,
  value: CompanySettings[Topic],
  changedBy: string,
): Promise<CompanySettings[Topic]> {
  // There is no row to lock before the first change.
  await tx.run(
    `insert into company_setting (tenant_id, name, document, version, updated_by) values ($1, $2, '{}', 0, $3)
     on conflict (tenant_id, name) do nothing`,
    [tx.tenantId, topic, changedBy],
  );
  const [row] = await tx.sql<Row>(
    `select s.document from company_setting s where s.name = $1 for update`,
    [topic],
  );
  await tx.run(
    `update company_setting s set document = $2, version = s.version + 1, updated_at = app.clock(), updated_by = $3
     where s.name = $1`,
    [topic, JSON.stringify(value), changedBy],
  );
  await tx.run(
    `insert into company_setting_version (tenant_id, name, version, document)
     select s.tenant_id, s.name, s.version, s.document from company_setting s where s.name = $1`,
    [topic],
  );
  return CompanySettings.parse({ [topic]: row?.document })[topic];
}
