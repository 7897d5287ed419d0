import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { landed } from '../../test/support/landed-records.ts';
import { staffedApi, type StaffedApi } from '../../test/support/staffed-api.ts';
import { listIntents, proposeIntents } from '../delivery/intents.ts';
import { openQuarantine, quarantineUnmapped } from '../intake/quarantine.ts';

let world: StaffedApi;
let call: StaffedApi['call'];
let inTx: StaffedApi['inTx'];

beforeAll(async () => {
  world = await staffedApi({
    viewer: ['viewer'],
    editor: ['editor'],
    finance: ['finance', 'editor'],
    admin: ['admin'],
  });
  ({ call, inTx } = world);
});
afterAll(() => world.close());

/** Puts intents where a vendor's answers would have put them. */
const put = async (object: string, set: string): Promise<void> => {
  await world.admin.query(`update intent set ${set} where object = $1`, [object]);
};
const inDays = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString();

/** Records of a stream that did not map, each with its own value in the message. */
const unmapped = (stream: string, ids: readonly string[], about = 'Amount') =>
  inTx((tx) =>
    quarantineUnmapped(
      tx,
      { runId: 'run_1', connection: 'crm', stream },
      ids.map((recordId) => ({
        recordId,
        code: 'bad_value',
        reason: `${about}: "${recordId} EUR" of ${recordId} is not a figure`,
        field: about,
        mappingId: 'salesforce.opportunity',
        mappingVersion: 1,
      })),
    ),
  );

/** Writes of an object that the vendor refused, each about a record of its own, in a plan if one is named. */
const refused = async (
  object: string,
  deals: readonly string[],
  planId: string | null = null,
): Promise<readonly string[]> => {
  await inTx(async (tx) => {
    const effects = deals.map((canonicalId) => ({
      connection: 'erp',
      object,
      canonicalId,
      vendorId: null,
      fields: { memo: canonicalId, entity: { id: '7' } },
      mapping: { id: 'netsuite.order-to-sales-order', version: 1 },
    }));
    await proposeIntents(tx, effects, planId);
  });
  await put(
    object,
    `state = 'QUARANTINED', sent_at = app.clock(), settled_at = app.clock(), attempts = 1,
     error = jsonb_build_object('code', 'INVALID_KEY', 'field', 'entity', 'message', 'No customer "' || canonical_id || '".')`,
  );
  return (await inTx((tx) => listIntents(tx, { object, limit: 50 }))).map(({ id }) => id);
};

// oxlint-disable-next-line typescript/no-explicit-any -- an answer
const groups = async (query = ''): Promise<readonly any[]> =>
  (await call('viewer', 'GET', `errors/groups?limit=500${query}`)).body.data;
const groupOf = async (object: string, query = '') =>
  (await groups(query)).find((group) => group.object === object);

describe('a group of errors', () => {
  test('is everything of one cause, whatever ids and values the messages hold; another field is another cause', async () => {
    await unmapped('Opportunity', ['006A1', '006B2', '006C3']);
    await unmapped('Opportunity', ['006D4'], 'CloseDate');

    const own = (await groups()).filter((group) => group.object === 'Opportunity');

    expect(
      Object.fromEntries(own.map(({ field, count, records }) => [field, [count, records]])),
    ).toEqual({ Amount: [3, 3], CloseDate: [1, 1] });
    expect(own[0]).toMatchObject({ class: 'mapping', system: 'crm', code: 'bad_value' });
  });

  test('says what is at stake: what landed of the records, and each plan once', async () => {
    await landed(world.admin, 'Opportunity', {
      '006A1': { Amount: '1200.50', CurrencyIsoCode: 'EUR' },
      '006B2': { Amount: 300, CurrencyIsoCode: 'USD' },
      '006C3': { Amount: 'a lot', CurrencyIsoCode: 'EUR' },
    });
    const plan = await world.planOf('deal:1', '5000.00');
    await refused('salesOrder', ['deal:1', 'deal:1b'], plan);

    const waiting = (await groups()).find((group) => group.field === 'Amount');

    expect(waiting.money).toEqual([
      { amount: '1200.50', currency: 'EUR' },
      { amount: '300.00', currency: 'USD' },
    ]);
    expect(await groupOf('salesOrder')).toMatchObject({
      class: 'refused',
      count: 2,
      code: 'INVALID_KEY',
      money: [{ amount: '5000.00', currency: 'EUR' }],
    });
  });

  test('shows its members, and leaves out what a later revision overtook and what is unknown for a moment', async () => {
    const [old] = await refused('estimate', ['ren:1']);
    await refused('invoice', ['inv:1']);
    await put('invoice', `state = 'UNKNOWN', sent_at = app.clock()`);
    const before = await groupOf('estimate');

    await inTx((tx) =>
      tx.run(
        `insert into intent (tenant_id, id, connection, object, external_id, revision, canonical_id, payload, payload_hash)
         select tenant_id, 'later', connection, object, external_id, 2, canonical_id, payload, 'other' from intent where id = $1`,
        [old ?? ''],
      ),
    );

    const shown = await call('viewer', 'GET', `errors/groups/${before.id}`);
    expect(before).toMatchObject({ count: 1 });
    expect(shown.status).toBe(404);
    expect(await groupOf('invoice')).toBeUndefined();
    await put('invoice', `sent_at = app.clock() - interval '11 minutes'`);
    expect(await groupOf('invoice')).toMatchObject({ class: 'unknown', count: 1 });
  });
});

describe('retrying', () => {
  test('all of one cause plans the same intents again, under their ids, and nothing else', async () => {
    const ids = await refused('creditMemo', ['cm:1', 'cm:2']);
    const others = await refused('cashSale', ['cs:1']);
    const group = await groupOf('creditMemo');

    const answer = await call('editor', 'POST', `errors/${group.id}:retry`);

    const states = await inTx((tx) => listIntents(tx, { object: 'creditMemo', limit: 9 }));
    const [other] = await inTx((tx) => listIntents(tx, { object: 'cashSale', limit: 9 }));
    expect([answer.status, answer.body]).toEqual([202, { records: 0, intents: 2, work: 0 }]);
    expect(states.map(({ id, state }) => [id, state])).toEqual(ids.map((id) => [id, 'PLANNED']));
    expect(other).toMatchObject({ id: others[0], state: 'QUARANTINED' });
    expect(world.api.woken).toContainEqual(expect.objectContaining({ job: 'deliver', key: 'erp/creditMemo' })); // prettier-ignore
  });

  test('records of one cause maps exactly those again', async () => {
    await unmapped('Account', ['001A', '001B']);
    await unmapped('Account', ['001C'], 'Name');
    const group = (await groups()).find(
      ({ object, field }) => object === 'Account' && field === 'Amount',
    );

    const answer = await call('editor', 'POST', `errors/${group.id}:retry`);

    expect(answer.body).toEqual({ records: 2, intents: 0, work: 0 });
  });

  test('a cause of conflicts is refused: each writes over what somebody else wrote', async () => {
    await refused('salesQuote', ['q:1']);
    await put('salesQuote', `state = 'CONFLICT'`);
    const group = await groupOf('salesQuote');

    const answer = await call('editor', 'POST', `errors/${group.id}:retry`);

    expect([answer.status, group.class]).toEqual([422, 'conflict']);
  });

  test('what is unknown asks now and sends nothing', async () => {
    await refused('journal', ['j:1']);
    await put(
      'journal',
      `state = 'UNKNOWN', sent_at = app.clock() - interval '1 hour', not_before = app.clock() + interval '1 day'`,
    );
    const group = await groupOf('journal');

    await call('editor', 'POST', `errors/${group.id}:retry`);

    const [row] = await inTx((tx) =>
      tx.sql<{ state: string; due: boolean }>(
        `select state, not_before <= app.clock() as due from intent where object = 'journal'`,
      ),
    );
    expect(row).toEqual({ state: 'UNKNOWN', due: true });
  });
});

describe('ignoring', () => {
  test('leaves a cause out of the list, of the status, and of retrying all, and it comes back by itself', async () => {
    const [id] = await refused('vendorBill', ['vb:1']);
    await unmapped('Contact', ['003A']);
    const status = async () => (await call('viewer', 'GET', 'status')).body.openErrors;
    const before = await status();
    const contact = await groupOf('Contact');
    const bills = await groupOf('vendorBill');
    for (const group of [contact, bills]) {
      await call('editor', 'POST', `errors/${group.id}:ignore`, {
        reason: 'known, mended with the next release',
        until: inDays(2),
      });
    }

    const during = await status();
    const ignored = await groupOf('vendorBill', '&state=ignored');
    await call('editor', 'POST', 'errors:retry');
    const [left] = await inTx((tx) => listIntents(tx, { object: 'vendorBill', limit: 9 }));
    await inTx((tx) => tx.run(`update error_decision set ignored_until = app.clock()`));

    expect(during).toBe(before - 1);
    expect(ignored).toMatchObject({ state: 'ignored', ignored: { reason: 'known, mended with the next release', by: expect.stringMatching(/^person:/) } }); // prettier-ignore
    expect(left).toMatchObject({ id, state: 'QUARANTINED' });
    expect(await groupOf('vendorBill')).toMatchObject({ state: 'open', ignored: null });
    expect(await status()).toBe(before);
  });

  test('one of several takes it alone out of the figures', async () => {
    const [one] = await refused('transferOrder', ['to:1', 'to:2']);

    await call('editor', 'POST', `errors/${one}:ignore`, { reason: 'test data', until: inDays(1) });

    expect(await groupOf('transferOrder')).toMatchObject({ count: 1, state: 'open' });
  });

  test.each([
    ['a time that is past', { reason: 'x', until: inDays(-1) }],
    ['a time too far away', { reason: 'x', until: inDays(400) }],
    ['no reason', { reason: ' ', until: inDays(1) }],
  ])('with %s is refused', async (_what, body) => {
    await refused('workOrder', ['wo:1']);
    const group = await groupOf('workOrder');

    expect((await call('editor', 'POST', `errors/${group.id}:ignore`, body)).status).toBe(422);
  });
});

describe('the owner of a cause', () => {
  test('is who was named for it, else the steward of its mapping, and never who is disabled', async () => {
    await refused('bin', ['b:1']);
    const ownerOf = async () => {
      const { owner, ownedBy } = await groupOf('bin');
      return [owner?.name ?? null, ownedBy];
    };
    const { id: gone } = await world.api.person('acme', ['viewer'], 'gone');
    const { id } = await groupOf('bin');
    const seen = [await ownerOf()];

    await inTx((tx) =>
      tx.run(
        `insert into stewardship (tenant_id, subject_type, subject_id, person_id, updated_by) values ('acme', 'mapping', '*', $1, 'x')`,
        [world.people.get('admin') ?? ''],
      ),
    );
    seen.push(await ownerOf());
    for (const person of [world.people.get('editor'), gone]) {
      await call('editor', 'POST', `errors/${id}:assign`, { person });
      seen.push(await ownerOf());
    }
    await inTx((tx) => tx.run(`update person set status = 'disabled' where id = $1`, [gone]));
    seen.push(await ownerOf());

    expect(seen).toEqual([
      [null, null],
      ['admin', 'steward'],
      ['editor', 'named'],
      ['gone', 'named'],
      ['admin', 'steward'],
    ]);
    expect((await call('editor', 'POST', `errors/${id}:assign`, { person: gone })).status).toBe(
      422,
    );
  });
});

describe('several at once', () => {
  test('each is done for itself, and one that cannot be done keeps no other from it', async () => {
    const ids = await refused('itemReceipt', ['ir:1', 'ir:2']);

    const answer = await call('editor', 'POST', 'errors:batch', {
      do: 'retry',
      ids: [ids[0], 'err_none', ids[1], ids[1]],
    });

    expect(answer.status).toBe(200);
    expect(answer.body.results).toMatchObject([
      { id: ids[0], ok: true, problem: null },
      { id: 'err_none', ok: false, problem: { status: 404 } },
      { id: ids[1], ok: true, problem: null },
    ]);
  });
});

describe('editing and retrying', () => {
  test('sends the value that a person set as the next revision, and keeps who, why and what was there', async () => {
    const [id] = await refused('deposit', ['dep:1']);

    const answer = await call('editor', 'POST', `errors/${id}:edit-and-retry`, {
      fields: { 'entity.id': '8' },
      reason: 'the customer was merged',
    });

    const edits = await call('viewer', 'GET', 'errors/edits?mapping=netsuite.order-to-sales-order');
    const [old] = await inTx((tx) => tx.sql<{ state: string }>(`select state from intent where id = $1`, [id ?? ''])); // prettier-ignore
    expect(answer.status).toBe(202);
    expect(answer.body.intent).toMatchObject({
      revision: 2,
      state: 'PLANNED',
      payload: { memo: 'dep:1', entity: { id: '8' } },
    });
    expect(answer.body.candidates).toEqual([
      { mappingId: 'netsuite.order-to-sales-order', version: 1, field: 'entity.id', records: 1 },
    ]);
    expect(edits.body.data).toMatchObject([
      {
        fromIntent: id,
        intentId: answer.body.intent.id,
        field: 'entity.id',
        before: '7',
        after: '8',
        reason: 'the customer was merged',
        by: `person:${world.people.get('editor')}`,
      },
    ]);
    expect(old).toEqual({ state: 'SUPERSEDED' });
    expect(await groupOf('deposit')).toBeUndefined();
  });

  test('stands until the source gives another effect: the same one drawn up again changes nothing', async () => {
    const again = { connection: 'erp', object: 'deposit', canonicalId: 'dep:1', vendorId: null };
    const same = { ...again, fields: { memo: 'dep:1', entity: { id: '7' } } };

    const first = await inTx((tx) => proposeIntents(tx, [same]));
    const second = await inTx((tx) => proposeIntents(tx, [{ ...same, fields: { memo: 'new' } }]));

    expect([first.planned, second.planned]).toEqual([0, 1]);
  });

  test('of what a plan asked for takes somebody who may approve plans', async () => {
    const plan = await world.planOf('deal:9', '10.00');
    const [id] = await refused('refund', ['deal:9'], plan);
    const edit = { fields: { memo: 'by hand' }, reason: 'x' };

    const editor = await call('editor', 'POST', `errors/${id}:edit-and-retry`, edit);
    const finance = await call('finance', 'POST', `errors/${id}:edit-and-retry`, edit);
    const again = await call('finance', 'POST', `errors/${id}:edit-and-retry`, edit);

    expect([editor.status, finance.status, again.status]).toEqual([403, 202, 409]);
    expect(finance.body.intent.planId).toBe(plan);
  });

  test.each([
    ['nothing changes', { memo: 'opp:1' }],
    ['the name is none', { 'memo; drop': 'x' }],
    ['no field is named', {}],
  ])('is refused where %s', async (_what, fields) => {
    const [id] = await refused('opportunity', ['opp:1']);

    const answer = await call('editor', 'POST', `errors/${id}:edit-and-retry`, {
      fields,
      reason: 'x',
    });

    expect(answer.status).toBe(422);
  });

  test('is not for records that came in', async () => {
    await inTx((tx) =>
      openQuarantine(tx, { runId: 'run_1', connection: 'crm', stream: 'Lead' }, [
        { id: '00Q1', outcome: 'rejected', code: 'too_large', reason: 'It is too large.' },
      ]),
    );
    const group = await groupOf('Lead');
    const shown = await call('viewer', 'GET', `errors/groups/${group.id}`);
    const [{ id }] = shown.body.members;

    const edit = await call('editor', 'POST', `errors/${id}:edit-and-retry`, {
      fields: { a: 1 },
      reason: 'x',
    });

    expect([edit.status, group.class]).toEqual([422, 'intake']);
    expect((await call('editor', 'POST', `errors/${group.id}:retry`)).status).toBe(422);
  });
});

test('another company sees none of it', async () => {
  const group = await groupOf('Contact');
  const { key } = await world.api.person('globex', ['admin']);

  const list = await world.api.call('GET', '/api/v1/errors/groups', { key });
  const one = await world.api.call('GET', `/api/v1/errors/groups/${group.id}`, { key });

  expect([list.body.data, one.status]).toEqual([[], 404]);
});
