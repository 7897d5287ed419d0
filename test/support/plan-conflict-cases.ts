import { expect, test } from '@jest/globals';
import type { OutboundAccountSummary } from '../../src/canonical/outbound/outbound-account-summary.ts';
import { savePlan } from '../../src/delivery/plans.ts';
import type { JsonObject } from '../../src/kernel/hash.ts';
import type { ServedCompany } from './served-company.ts';

/** Accounts of the CRM that are written by us and by others. */
export interface ConflictStory {
  readonly company: ServedCompany;
  readonly accounts: readonly string[];
  /** Writes the figures of an account, by a plan where one is named. */
  readonly position: (
    accountRef: string,
    given: Partial<Omit<OutboundAccountSummary, 'accountRef'>>,
    planId?: string | null,
  ) => Promise<void>;
  readonly inCrm: (id: string, fields: JsonObject) => Promise<unknown>;
  readonly shown: (id: string) => Promise<JsonObject>;
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look at answers of every shape
  readonly openOf: (vendorId: string) => Promise<any>;
  /** A field with the rule `ask`. */
  readonly field: string;
}

/** Who may decide what an approved plan writes. */
export function planConflictCases(story: () => ConflictStory): void {
  test('of a record that a plan writes: only who may approve plans has another value written, who maps fields may keep theirs', async () => {
    const { company, accounts, position, inCrm, shown, openOf, field: STATUS } = story();
    const world = company.harness;
    const { tenantId } = world.caller;
    const keyOf = async (role: 'editor' | 'approver') =>
      (await company.api.person(tenantId, [role])).key;
    const [editor, approver] = [await keyOf('editor'), await keyOf('approver')];
    const take = async (key: string, id: string, body: object) => {
      const path = `/api/v1/conflicts/${id}:resolve`;
      const answer = await company.api.call('POST', path, { key, body });
      await world.drain();
      return answer;
    };
    const { plan } = await world.inTx((tx) =>
      savePlan(tx, { kind: 'reopen', subject: 'deal:conflict', hash: 'h', body: {}, blocked: false, approvedByPolicy: true }),
    ); // prettier-ignore
    const [id, other] = [accounts[6] ?? '', accounts[7] ?? ''];
    for (const each of [id, other]) {
      await position(each, {});
      await inCrm(each, { [STATUS]: 'by hand' });
      await position(each, { status: 'shortfall' }, plan.id);
    }
    const [first] = await openOf(id);
    const [second] = await openOf(other);

    const refused = [
      await take(editor, first.id, { take: 'ours' }),
      await take(editor, first.id, { take: 'value', value: 'mine' }),
      await take(editor, first.id, { take: 'ours', alike: true }),
    ];
    const between = await shown(id);
    const kept = await take(editor, second.id, { take: 'theirs' });
    const agreed = await take(approver, first.id, { take: 'ours' });

    expect(refused.map(({ status }) => status)).toEqual([403, 403, 403]);
    expect(refused[0]?.body.detail).toContain(plan.id);
    expect(between).toMatchObject({ [STATUS]: 'by hand' });
    expect([kept.status, agreed.status]).toEqual([200, 200]);
    expect(await shown(other)).toMatchObject({ [STATUS]: 'by hand' });
    expect(await shown(id)).toMatchObject({ [STATUS]: 'shortfall' });
  }, 120_000);
}
