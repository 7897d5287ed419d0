import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { testStore, type TestStore } from '../../test/support/database.ts';
import { listAudit } from '../audit/list-audit.ts';
import { CommerceSettings } from '../commerce/settings.ts';
import type { TenantTx } from '../db/store.ts';
import type { Caller } from '../security/caller.ts';
import { systemCaller } from '../security/caller.ts';
import { companySetting, companySettingAt, Retention, saveSetting } from './company-settings.ts';
import type { Deps } from './deps.ts';
import { DetectionPolicy, putDetectionPolicy } from './flows/put-detection-policy.ts';
import { putRetention } from './flows/put-retention.ts';
import { putSettings } from './flows/put-settings.ts';

let db: TestStore;
let caller: Caller;

beforeAll(async () => {
  db = await testStore();
  caller = systemCaller(db.tenantId, 'test');
});
afterAll(() => db.close());

const deps = (): Deps => ({ store: db.store }) as Deps;
const limit = (amount: string): CommerceSettings =>
  CommerceSettings.parse({ approval: { autoApproveUpTo: [{ amount, currency: 'EUR' }] } });
const read = <T>(fn: (tx: TenantTx) => Promise<T>): Promise<T> =>
  db.store.readTenant(db.tenantId, fn);
const audited = async (action: string) =>
  (await read((tx) => listAudit(tx, { limit: 100 })))
    .filter((each) => each.action === action)
    .map((each) => each.details);

/** As if the audit could not be written. */
async function withoutAudit(work: () => Promise<unknown>): Promise<void> {
  await db.store.asOwner((tx) => tx.run('revoke insert on audit_event from trueup_app'));
  await expect(work()).rejects.toThrow(/permission denied/);
  await db.store.asOwner((tx) => tx.run('grant insert on audit_event to trueup_app'));
}

test('a raised approval limit is audited with the person, the limit before and the limit after', async () => {
  await putSettings(deps(), caller, limit('100.00'));

  await putSettings(deps(), caller, limit('900000.00'));

  const [last] = await audited('settings.changed');
  expect(last).toMatchObject({
    before: { approval: { autoApproveUpTo: [{ amount: '100.00', currency: 'EUR' }] } },
    after: { approval: { autoApproveUpTo: [{ amount: '900000.00', currency: 'EUR' }] } },
  });
});

test('settings that cannot be audited are not changed, and the other way round', async () => {
  const before = await read((tx) => companySetting(tx, 'commerce'));
  const days = await read((tx) => companySetting(tx, 'retention'));

  await withoutAudit(() => putSettings(deps(), caller, limit('1.00')));
  await withoutAudit(() => putRetention(deps(), caller, Retention.parse({ runs: 7 })));

  expect(await read((tx) => companySetting(tx, 'commerce'))).toEqual(before);
  expect(await read((tx) => companySetting(tx, 'retention'))).toEqual(days);
});

test('changes at once come one after the other: each audit entry begins where the one before ended', async () => {
  const days = [31, 32, 33, 34];

  await Promise.all(days.map((runs) => putRetention(deps(), caller, Retention.parse({ runs }))));

  const entries = (await audited('retention.changed')) as unknown as {
    before: Retention;
    after: Retention;
  }[];
  const ends = new Set([400, ...entries.map((each) => each.after.runs)]);
  expect(entries).toHaveLength(days.length);
  expect(new Set(entries.map((each) => each.before.runs)).size).toBe(days.length);
  expect(entries.every((each) => ends.has(each.before.runs))).toBe(true);
});

test('a company sees its own settings alone', async () => {
  await db.store.withTenant(db.otherTenantId, (tx) =>
    saveSetting(tx, 'commerce', limit('5.00'), 'person:usr_eve'),
  );

  const [row] = await db.store.readTenant(db.otherTenantId, (tx) =>
    tx.sql<{ version: number; by: string }>(
      `select s.version, s.updated_by as by from company_setting s`,
    ),
  );

  expect(row).toEqual({ version: 1, by: 'person:usr_eve' });
  expect((await read((tx) => companySetting(tx, 'commerce'))).approval).not.toEqual(
    limit('5.00').approval,
  );
});

test('a topic is read as it stood at an instant: defaults before the first word, then each version in its time', async () => {
  const now = () => read((tx) => tx.clock());
  const at = (instant: Date) => read((tx) => companySettingAt(tx, 'detection', instant));
  const untouched = await now();
  await putDetectionPolicy(deps(), caller, { dormantAfterDays: 30 });
  const first = await now();
  await putDetectionPolicy(deps(), caller, { dormantAfterDays: 90, softLimitPercent: 80 });

  expect(await at(untouched)).toEqual(DetectionPolicy.parse({}));
  expect(await at(first)).toMatchObject({ dormantAfterDays: 30, softLimitPercent: 90 });
  expect(await at(await now())).toMatchObject({ dormantAfterDays: 90, softLimitPercent: 80 });
});
