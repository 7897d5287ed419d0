import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse, stringify } from 'yaml';
import { approveChange } from '../../src/app/flows/decide-change.ts';
import { listAudit } from '../../src/app/flows/list-audit.ts';
import { publishChange } from '../../src/app/flows/publish-change.ts';
import { setSteward } from '../../src/app/flows/set-steward.ts';
import { saveDraft } from '../../src/app/flows/save-draft.ts';
import { submitMapping } from '../../src/app/flows/submit-mapping.ts';
import { effectsOn, type Document } from '../../src/app/outbound-effects.ts';
import { deliverWork, request } from '../../src/app/request.ts';
import type { OutboundAccountSummary } from '../../src/canonical/outbound/outbound-account-summary.ts';
import { proposeIntents } from '../../src/delivery/intents.ts';
import { getConnection } from '../../src/intake/connections.ts';
import type { JsonObject } from '../../src/kernel/hash.ts';
import { findDraft } from '../../src/mapping/drafts.ts';
import type { SyncRule } from '../../src/mapping/language/mapping-document.ts';
import { liveVersion } from '../../src/mapping/versions.ts';
import { systemCaller, type Caller } from '../../src/security/caller.ts';
import { listUsers } from '../../src/security/users.ts';
import { subjectOf } from '../faults/harness-subject.ts';
import { violations } from '../faults/i1-to-i8.ts';
import { textOf } from '../support/company-twins.ts';
import { planConflictCases } from '../support/plan-conflict-cases.ts';
import { serveCompany, type ServedCompany } from '../support/served-company.ts';

// Both sides change a field that we write into the CRM and into the ERP.

const POSITION = 'salesforce.position-to-account';
const ESTIMATE = 'netsuite.renewal-to-estimate';
const STATUS = 'Trueup_Position_Status__c';
const SHORTFALL = 'Trueup_Shortfall__c';
const OWNED = 'Trueup_Rights_Owned__c';
const FINDINGS = 'Trueup_Open_Findings__c';

let company: ServedCompany;
let ana: Caller;
let ben: Caller;
let accounts: readonly string[];
let steward: string;
const world = () => company.harness;

beforeAll(async () => {
  company = await serveCompany();
  const { tenantId } = world().caller;
  [ana, ben] = [systemCaller(tenantId, 'ana'), systemCaller(tenantId, 'ben')];
  await world().allowWrites();
  await world().drain();
  accounts = (await world().twins.salesforce.records('Account')).map((each) => textOf(each, 'Id'));
  steward = (await world().inTx((tx) => listUsers(tx)))[0]?.id ?? '';
  await setSteward(world().deps, ana, {
    type: 'mapping',
    id: '*',
    personId: steward,
    reviewDue: null,
    seen: 'none',
  });
  await rule(POSITION, { [STATUS]: 'ask', [SHORTFALL]: 'ask', [FINDINGS]: 'latest-wins' });
  await rule(ESTIMATE, { title: 'ask' });
}, 240_000);
afterAll(() => company?.stop());

/** Puts rules on rows of a shipped mapping and brings them into effect. */
async function rule(id: string, rules: Record<string, SyncRule>): Promise<void> {
  const { harness } = company;
  const live = await harness.inTx((tx) => liveVersion(tx, harness.deps.mappings, id));
  const { tests: _tests, ...document } = live?.document ?? { fields: {} };
  const fields = Object.entries(document.fields).map(([name, row]) => [
    name,
    rules[name] === undefined ? row : { ...row, sync: rules[name] },
  ]);
  const text = stringify(
    { ...document, version: (live?.version ?? 0) + 1, fields: Object.fromEntries(fields) },
    { aliasDuplicateObjects: false },
  );
  await saveDraft(harness.deps, ana, { id, seen: 'none', text });
  const change = await submitMapping(harness.deps, ana, { id, note: '', replay: false });
  await approveChange(harness.deps, ben, { id: change.id, hash: change.hash });
  await publishChange(harness.deps, ben, { id: change.id });
  await harness.drain();
}

async function write<Name extends 'outboundAccountSummary' | 'outboundRenewal'>(
  connection: string,
  documents: readonly Document<Name>[],
  planId: string | null = null,
): Promise<void> {
  const { deps } = world();
  await world().inTx(async (tx) => {
    const { effects, failures } = await effectsOn(deps, tx, await getConnection(tx, connection), documents); // prettier-ignore
    expect(failures).toEqual([]);
    const { targets } = await proposeIntents(tx, effects, planId);
    await request(deps, tx, targets.map(deliverWork));
  });
  await world().drain();
}
const CALM = { rightsOwned: '100', rightsInUse: '90', shortfall: '0', status: 'compliant', asOf: '2026-03-02', expansionSignal: 'none', openFindings: 0 } as const; // prettier-ignore
const position = (
  accountRef: string,
  given: Partial<Omit<OutboundAccountSummary, 'accountRef'>>,
  planId: string | null = null,
) =>
  write(
    'crm',
    [
      {
        name: 'outboundAccountSummary',
        canonicalId: `position:${accountRef}`,
        vendorId: accountRef,
        document: { ...CALM, ...given, accountRef },
      },
    ],
    planId,
  );
const accountAt = (at: number): string => accounts[at] ?? '';
const shown = async (id: string): Promise<JsonObject> =>
  (await world().twins.salesforce.records('Account')).find((each) => each['Id'] === id) ?? {};
const inCrm = (id: string, fields: JsonObject) =>
  world().twins.salesforce.mutate({ object: 'Account', operation: 'update', id, fields });
const openOf = async (vendorId: string) => {
  const { body } = await company.get('/conflicts?state=open');
  return body.data.filter((each: { vendorId: string }) => each.vendorId === vendorId);
};
const resolve = async (id: string, body: object) => {
  const answer = await company.post(`/conflicts/${id}:resolve`, body);
  await world().drain();
  return answer;
};
const audited = async (action: string, id: string) =>
  (await listAudit(world().deps, world().caller, { limit: 100 })).some(
    (each) => each.action === action && each.subjectId === id,
  );

describe('a field of the CRM that both sides changed', () => {
  test('waits with all three values, theirs stays, and what is independent of it goes out', async () => {
    const id = accountAt(0);
    await position(id, {});
    await inCrm(id, { [STATUS]: 'checked by hand' });

    await position(id, { status: 'shortfall', shortfall: '12', openFindings: 2 });

    const [conflict, ...more] = await openOf(id);
    expect(more).toEqual([]);
    expect(conflict).toMatchObject({
      field: STATUS,
      rule: 'ask',
      mappingId: POSITION,
      agreed: { ours: 'compliant', theirs: 'compliant' },
      ours: 'shortfall',
      theirs: 'checked by hand',
      theirsAt: expect.any(String),
    });
    expect(await shown(id)).toMatchObject({ [STATUS]: 'checked by hand', [SHORTFALL]: 12 });
    expect(await audited('conflict.opened', conflict.id)).toBe(true);
    expect(await world().inTx((tx) => tx.sql(`select v.type from hub_event v where v.subject = $1`, [`conflict:${conflict.id}`]))).toEqual([{ type: 'conflict.opened' }]); // prettier-ignore
  }, 120_000);

  test('is written as a person says on the command line, and read back', async () => {
    const id = accountAt(0);
    const [conflict] = await openOf(id);

    const { code, err } = await company.trueup(['conflicts', 'resolve', conflict.id, '--take', 'ours']); // prettier-ignore
    await world().drain();
    const listed = await company.trueup(['conflicts', 'list', '--state', 'resolved', '--json']);
    const { body } = await company.get(`/conflicts/${conflict.id}`);

    expect([code, err]).toEqual([0, '']);
    expect(await shown(id)).toMatchObject({ [STATUS]: 'shortfall' });
    expect(body).toMatchObject({ state: 'resolved', taken: 'ours', value: 'shortfall' });
    expect(JSON.parse(listed.out)).toContainEqual(body);
    expect(await audited('conflict.resolved', conflict.id)).toBe(true);
    const { body: intents } = await company.get('/intents?object=Account&limit=500');
    const [last] = intents.data.filter((each: { vendorId: string }) => each.vendorId === id);
    expect(last).toMatchObject({ state: 'APPLIED', readBack: true });
    expect(last.decided).toContainEqual({ field: STATUS, did: 'wrote', why: 'decided', theirs: 'checked by hand' }); // prettier-ignore
  }, 120_000);

  test('holds all figures and days back with it where it is one; a typed value frees them and lasts', async () => {
    const id = accountAt(1);
    await position(id, {});
    await inCrm(id, { [SHORTFALL]: 7 });
    await position(id, { status: 'shortfall', shortfall: '12', rightsOwned: '120' });
    const held = await shown(id);
    const [conflict] = await openOf(id);

    await resolve(conflict.id, { take: 'value', value: 9 });
    const typed = await shown(id);
    await position(id, { status: 'shortfall', shortfall: '12', rightsOwned: '130' });

    expect(held).toMatchObject({ [SHORTFALL]: 7, [OWNED]: 100, [STATUS]: 'shortfall' });
    expect(typed).toMatchObject({ [SHORTFALL]: 9, [OWNED]: 120 });
    expect(await shown(id)).toMatchObject({ [SHORTFALL]: 9, [OWNED]: 130 });
    expect(await openOf(id)).toEqual([]);
  }, 120_000);

  planConflictCases(() => ({ company, accounts, position, inCrm, shown, openOf, field: STATUS }));

  test('is no conflict any more once both sides are equal: it closes itself and says why', async () => {
    const id = accountAt(2);
    await position(id, {});
    await inCrm(id, { [STATUS]: 'by hand' });
    await position(id, { status: 'shortfall' });
    const [conflict] = await openOf(id);
    await inCrm(id, { [STATUS]: 'shortfall' });

    await position(id, { status: 'shortfall', openFindings: 5 });

    const { body } = await company.get(`/conflicts/${conflict.id}`);
    expect(body).toMatchObject({ state: 'vanished', reason: 'both sides hold the same value' });
    expect((await company.post(`/conflicts/${conflict.id}:resolve`, { take: 'ours' })).status).toBe(409);
  }, 120_000); // prettier-ignore

  test('closes itself as well when it is looked at again and theirs is what was agreed; ours is written then', async () => {
    const id = accountAt(5);
    await position(id, {});
    await inCrm(id, { [SHORTFALL]: 3 });
    await position(id, { shortfall: '12', rightsOwned: '140' });
    const [conflict] = await openOf(id);
    await inCrm(id, { [SHORTFALL]: 0 });

    await world().inTx((tx) =>
      tx.run(`update conflict set seen_at = app.clock() - interval '10 minutes'`),
    );
    await world().drain({ skipWaits: true });

    const { body } = await company.get(`/conflicts/${conflict.id}`);
    expect(body).toMatchObject({ state: 'vanished', reason: expect.stringContaining('agreed') });
    expect(await shown(id)).toMatchObject({ [SHORTFALL]: 12, [OWNED]: 140 });
  }, 120_000);

  test('F-14: and one that another writer changed right after us is shown, and theirs is kept', async () => {
    const id = accountAt(0);
    const { deps } = world();
    const sessions = { ...deps.sessions };
    Object.assign(deps.sessions, {
      of: async (tenant: string, connection: string) => {
        const session = await sessions.of(tenant, connection);
        const write: typeof session.write = async (...args) => {
          const results = await session.write(...args);
          await inCrm(id, { [STATUS]: 'a second later' });
          return results;
        };
        return { ...session, write };
      },
    });

    await position(id, { status: 'compliant', openFindings: 7 });
    Object.assign(deps.sessions, sessions);
    const [conflict] = await openOf(id);
    await resolve(conflict.id, { take: 'theirs' });

    expect(conflict).toMatchObject({ field: STATUS, ours: 'compliant', theirs: 'a second later' });
    expect(await shown(id)).toMatchObject({ [STATUS]: 'a second later' });
    const { body } = await company.get('/intents?object=Account&limit=500');
    const [last] = body.data.filter((each: { vendorId: string }) => each.vendorId === id);
    expect(last).toMatchObject({ state: 'APPLIED', readBack: true });
  }, 120_000);

  test('F-14: and one that another writer changed between our read and our write is not written over', async () => {
    const id = accountAt(5);
    const { deps, twins } = world();
    await position(id, {});
    await twins.salesforce.advance(5);
    const sessions = { ...deps.sessions };
    let writes = 0;
    Object.assign(deps.sessions, {
      of: async (tenant: string, connection: string) => {
        const session = await sessions.of(tenant, connection);
        const write: typeof session.write = async (...args) => {
          writes += 1;
          if (writes === 1) await inCrm(id, { [STATUS]: 'just now' });
          return session.write(...args);
        };
        return { ...session, write };
      },
    });

    await position(id, { status: 'shortfall', openFindings: 3 });
    const untouched = await shown(id);
    await world().drain({ skipWaits: true });
    Object.assign(deps.sessions, sessions);
    const [conflict] = await openOf(id);

    expect(untouched).toMatchObject({ [STATUS]: 'just now', Trueup_Open_Findings__c: 0 });
    expect(conflict).toMatchObject({ field: STATUS, ours: 'shortfall', theirs: 'just now' });
    expect(await shown(id)).toMatchObject({ [STATUS]: 'just now', Trueup_Open_Findings__c: 3 });
    expect(writes).toBe(2);
    await resolve(conflict.id, { take: 'theirs' });
  }, 120_000);

  test('a decision is made for all alike, and becomes the rule of the row as a draft', async () => {
    const ids = [accountAt(3), accountAt(4)];
    for (const id of ids) await position(id, {});
    for (const id of ids) await inCrm(id, { [STATUS]: 'by hand' });
    for (const id of ids) await position(id, { status: 'shortfall' });
    const [conflict] = await openOf(accountAt(3));

    const { status, body } = await resolve(conflict.id, { take: 'theirs', rule: 'target-wins', alike: true }); // prettier-ignore

    expect([status, body.resolved]).toEqual([200, 2]);
    for (const id of ids) {
      expect(await openOf(id)).toEqual([]);
      expect(await shown(id)).toMatchObject({ [STATUS]: 'by hand' });
    }
    const draft = await world().inTx((tx) => findDraft(tx, POSITION));
    expect(body.draft).toMatchObject({ mappingId: POSITION, revision: draft?.revision });
    expect(parse(draft?.text ?? '').fields[STATUS]).toMatchObject({ sync: 'target-wins' });
    for (const id of ids) await position(id, { status: 'shortfall', openFindings: 9 });
    for (const id of ids) expect(await shown(id)).toMatchObject({ [STATUS]: 'by hand' });
  }, 120_000);
});

describe('a field of the ERP that both sides changed', () => {
  test('F-74: waits with an owner and a day, is decided for theirs, and is written by neither side again', async () => {
    const erp = world().twins.netsuite;
    const [order = {}] = await erp.records('salesOrder');
    const estimate = (name: string, unitPrice: string) =>
      write('erp', [
        {
          name: 'outboundRenewal',
          canonicalId: 'renewal:conflict',
          vendorId: null,
          document: {
            renewalId: 'ren-c',
            name,
            accountRef: accountAt(0),
            erpCustomerRef: (order['entity'] as unknown as { id: string }).id,
            currency: 'EUR',
            renewalFrom: '2026-06-01',
            renewalToInclusive: '2027-05-31',
            noticeDeadline: '2026-05-01',
            closeDate: '2026-05-31',
            lines: [{ skuCode: 'MER-CORE-ENT', quantity: '10', unitPrice, amount: '100.00', serviceFrom: '2026-06-01', serviceToInclusive: '2027-05-31' }],
            total: '100.00',
          },
        },
      ]); // prettier-ignore
    const held = async () =>
      (await erp.records('estimate')).find((each) => each['custbody_trueup_renewal_of'] === 'ren-c') ?? {};
    await estimate('Renewal', '10.00');
    const id = textOf(await held(), 'id');
    await erp.mutate({ object: 'estimate', operation: 'update', id, fields: { title: 'Theirs' } });

    const writes = async () => (await erp.oracle()).filter((each) => each.object === 'estimate');
    const before = (await writes()).length;

    await estimate('Ours', '10.00');
    const [conflict] = await openOf(id);
    for (const side of ['crm', 'erp', 'crm']) await world().pull(side, { skipWaits: true });
    const during = (await writes()).length;
    await resolve(conflict.id, { take: 'theirs' });
    const decided = (await writes()).length;
    for (const side of ['erp', 'crm']) await world().pull(side, { skipWaits: true });
    const after = (await writes()).length;
    await estimate('Ours', '11.00');

    expect(conflict).toMatchObject({ field: 'title', ours: 'Ours', theirs: 'Theirs', owner: steward });
    const days = (Date.parse(conflict.dueAt) - Date.parse(conflict.openedAt)) / 86_400_000;
    expect(days).toBeCloseTo(5, 3);
    expect(during - before).toBeLessThanOrEqual(1);
    expect(decided - during).toBeLessThanOrEqual(1);
    expect(after).toBe(decided);
    expect(await held()).toMatchObject({ title: 'Theirs' });
    expect(await openOf(id)).toEqual([]);
  }, 120_000); // prettier-ignore
});

describe('a field of which the later change wins', () => {
  test('keeps theirs where theirs is later, and is for a person where the last change was our own status', async () => {
    const [id, shownAt] = [accountAt(6), accountAt(7)];
    for (const each of [id, shownAt]) {
      await position(each, {});
      await world().twins.salesforce.advance(60);
      await inCrm(each, { [FINDINGS]: 7 });
    }
    const { LastModifiedDate: at } = await shown(shownAt);
    await world().force(`insert into shown_record values ($1, 'crm', 'Account', $2, 'pln_1', $3)`, [world().caller.tenantId, shownAt, at]); // prettier-ignore
    // What we have to say was known before they changed theirs.
    await world().force(`create or replace function test_backdate() returns trigger language plpgsql as $$ begin new.created_at = '2000-01-01'; return new; end $$`); // prettier-ignore
    await world().force(`create trigger test_backdate before insert on intent for each row execute function test_backdate()`); // prettier-ignore

    for (const each of [id, shownAt]) await position(each, { openFindings: 3 });
    await world().force(`drop trigger test_backdate on intent`);
    const [conflict] = await openOf(shownAt);

    expect(await openOf(id)).toEqual([]);
    for (const each of [id, shownAt]) expect(await shown(each)).toMatchObject({ [FINDINGS]: 7 });
    expect(conflict).toMatchObject({ field: FINDINGS, rule: 'latest-wins', theirsAt: null });
    await resolve(conflict.id, { take: 'theirs' });
  }, 120_000);
});

describe('both systems after all of it', () => {
  test('F-74: nothing was lost, doubled, or made older', async () => {
    await world().pull('crm');

    expect(await violations(subjectOf(world(), ['Account']))).toEqual([]);
  }, 120_000); // prettier-ignore
});
