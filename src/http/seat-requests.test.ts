import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { makeCliHome, type CliHome } from '../../test/support/cli.ts';
import {
  addDirectory,
  GROUP,
  PATCH_OP,
  USER,
  type PushClient,
} from '../../test/support/scim-push.ts';
import { staffedApi, type StaffedApi } from '../../test/support/staffed-api.ts';
import { decideFacts, recordFacts } from '../ledger/facts.ts';

// Ten rights to FIG, eight of them in use, and eleven logins of the directory `idp`, on 2026-03-02: each test takes up what the
// one before it left. What the directory pushes is not mapped meanwhile: a granted request stands for its seat.

let staffed: StaffedApi;
let cli: CliHome;
let idp: PushClient;

const call = (who: string, method: string, path: string, body?: object) =>
  staffed.call(who, method, path, body);
const ask = (person: string, product = 'FIG', who = 'Lena') =>
  call(who, 'POST', 'seat-requests', { person, product, connection: 'idp' });
const limits = (document: object, who = 'Ann') => call(who, 'PUT', 'pool-limits', document);
const trueup = (who: string, ...args: readonly string[]) =>
  cli.run(['seats', ...args, '--url', staffed.api.url], { TRUEUP_KEY: staffed.keyOf(who) });
const push = (userName: string, value = 'FIG') =>
  idp.call('POST', '/Users', {
    schemas: [USER],
    userName,
    entitlements: [{ value, type: 'license' }],
  });
const requests = async (filter = '') =>
  (await call('Vera', 'GET', `seat-requests?${filter}`)).body.data;
const decide = (who: string, id: string, how: 'approve' | 'decline') =>
  call(who, 'POST', `seat-requests/${id}:${how}`, {});

beforeAll(async () => {
  staffed = await staffedApi({ Ann: ['admin'], Lena: ['licence-manager'], Adam: ['approver'], Vera: ['viewer'] }); // prettier-ignore
  cli = await makeCliHome();
  idp = await addDirectory(staffed.api, 'idp');
  await staffed.inTx(async (tx) => {
    for (const [code, rights] of [['FIG', '10'], ['ZED', '5']] as const) {
      await decideFacts(tx, 'sku', [{ externalRef: code, skuCode: code, name: code, metricCode: 'user_subscription', rightsPerPack: 1, active: true }], { externalRefs: [code] });
      await decideFacts(tx, 'entitlement', [{ externalRef: code, posture: 'licensee', skuCode: code, ownerRef: 'own', status: 'active', unlimited: false }], { externalRefs: [code] });
      await decideFacts(tx, 'entitlementTransaction', [{ externalRef: code, entitlementRef: code, type: 'grant', quantityDelta: rights, reason: 'order', validFrom: '2026-01-01' }], { externalRefs: [code] });
    }
    const source = { connection: 'idp', stream: 'Users', mappingId: 'scim.user', mappingVersion: 1 };
    const names = Array.from({ length: 11 }, (_, at) => `u${at}`);
    await recordFacts(tx, source, names.map((name, at) => ({
      recordId: name, recordHash: 'h',
      facts: [
        { noun: 'userAccount' as const, body: { externalRef: name, userName: `${name}@acme.example`, emails: [], active: true, kind: 'human' as const } },
        ...(at >= 8 ? [] : [{ noun: 'seatAssignment' as const, body: { externalRef: `${name}:FIG`, posture: 'licensee' as const, skuCode: 'FIG', userAccountRef: name, active: true } }]),
      ],
    })));
  }); // prettier-ignore
}, 240_000);
afterAll(async () => {
  await cli?.stop();
  await staffed?.close();
});

test('a company that has decided nothing takes every push in as before', async () => {
  const pushed = await push('early@acme.example');

  expect([pushed.status, pushed.headers.get('warning')]).toEqual([201, null]);
  expect(await requests()).toEqual([]);
});

describe('where more than the hard limit needs another person', () => {
  test('a request is granted with a warning near the limit, and the same by a push', async () => {
    const mayNot = await limits({ atHardLimit: 'ask' }, 'Vera');
    const set = await limits({ atHardLimit: 'ask' });
    const asked = await ask('u8');
    const pushed = await push('new1@acme.example');

    expect([mayNot.status, set.status, asked.status, pushed.status]).toEqual([403, 200, 201, 201]);
    expect(asked.body).toMatchObject({
      status: 'granted',
      channel: 'api',
      answer: { verdict: 'warned', rule: 'soft_limit', used: '8', usedAfter: '9', owned: '10' },
    });
    expect(pushed.headers.get('warning')).toBe('299 trueup "10 of 10 rights of FIG would be in use, 100.0 %; the soft limit is 90 %."'); // prettier-ignore
    expect(await requests('status=granted')).toMatchObject([
      { userName: 'new1@acme.example', channel: 'scim', askedBy: 'directory:idp' },
      { userName: 'u8@acme.example' },
    ]);
  });

  test('what goes beyond waits, asked by API, by command or by push, and is asked once', async () => {
    const asked = await ask('u9');
    const command = await trueup('Lena', 'request', '--person', 'u9', '--product', 'FIG', '--connection', 'idp'); // prettier-ignore
    const pushes = [await push('new2@acme.example'), await push('New2@acme.example')];
    const users = await idp.call('GET', `/Users?filter=${encodeURIComponent('userName eq "new2@acme.example"')}`); // prettier-ignore

    expect(asked.body).toMatchObject({ status: 'waiting', answer: { rule: 'hard_limit' } });
    expect([command.code, command.out]).toEqual([0, expect.stringContaining(`${asked.body.id} is waiting.`)]); // prettier-ignore
    expect(command.out).toContain('11 of 10 rights of FIG would be in use, 110.0 %; the hard limit is 100 %.'); // prettier-ignore
    expect(pushes.map(({ status }) => status)).toEqual([403, 403]);
    expect(pushes[0]?.body.detail).toBe('11 of 10 rights of FIG would be in use, 110.0 %; the hard limit is 100 %. A seat of FIG waits for a person’s word; push it again once it is granted.'); // prettier-ignore
    expect(users.body.totalResults).toBe(0);
    expect((await requests('status=waiting')).map(({ userName }: { userName: string }) => userName)).toEqual(['new2@acme.example', 'u9@acme.example']); // prettier-ignore
    expect(await requests('status=ended')).toEqual([]);
  });

  test('is granted by somebody else, and then the same push passes', async () => {
    const [pushed, asked] = await requests('status=waiting');
    const own = await decide('Lena', asked.id, 'approve');
    const viewer = await decide('Vera', asked.id, 'approve');
    const given = await decide('Adam', asked.id, 'approve');
    const twice = await decide('Adam', asked.id, 'decline');
    const command = await trueup('Lena', 'approve', pushed.id, '--reason', 'starts on Monday');
    const again = await push('new2@acme.example');

    expect([own, viewer, given, twice].map(({ status }) => status)).toEqual([403, 403, 200, 409]);
    expect(given.body).toMatchObject({ status: 'granted', decidedBy: staffed.people.get('Adam') });
    expect([command.out.trim(), again.status]).toEqual([`${pushed.id} is granted.`, 201]);
  });

  test('cannot be granted by who asked in the database either', async () => {
    const forged = staffed.inTx((tx) => tx.run(`update seat_request set decided_by = person_id where person_id is not null`)); // prettier-ignore

    await expect(forged).rejects.toThrow(/seat_request_check/);
  });
});

describe('where nothing goes beyond the hard limit', () => {
  test('the answer is no, by API, by command and by push', async () => {
    await limits({ atHardLimit: 'block' });
    const asked = await ask('u10');
    const command = await trueup('Lena', 'request', '--person', 'u10', '--product', 'FIG', '--connection', 'idp'); // prettier-ignore
    const pushed = await push('new3@acme.example');
    const decided = await decide('Adam', asked.body.id, 'approve');

    expect(asked.body).toMatchObject({ status: 'blocked', answer: { verdict: 'blocked', used: '12', usedAfter: '13' } }); // prettier-ignore
    expect([command.code, command.out]).toEqual([3, expect.stringContaining('is blocked.')]);
    expect([pushed.status, pushed.body.detail]).toEqual([403, '13 of 10 rights of FIG would be in use, 130.0 %; the hard limit is 100 %. No seat of FIG is given.']); // prettier-ignore
    expect(decided.status).toBe(409);
  });

  test('a seat that a push takes away holds nothing any more', async () => {
    const { body } = await idp.call('GET', `/Users?filter=${encodeURIComponent('userName eq "new2@acme.example"')}`); // prettier-ignore
    const Operations = [{ op: 'remove', path: 'entitlements' }];
    const patched = await idp.call('PATCH', `/Users/${body.Resources[0].id}`, { schemas: [PATCH_OP], Operations }); // prettier-ignore

    expect(patched.status).toBe(200);
    expect((await requests('status=ended')).map(({ userName }: { userName: string }) => userName)).toContain('new2@acme.example'); // prettier-ignore
    expect((await ask('u10')).body).toMatchObject({ answer: { used: '11', usedAfter: '12' } });
  });
});

describe('above the baseline of a product', () => {
  test('a request goes to a person though rights are left, by API and by push, a login that is switched on too', async () => {
    await limits({ pools: [{ product: 'ZED', baseline: 1 }] });
    const first = await ask('u0', 'ZED');
    const second = await ask('u1', 'ZED');
    const pushed = await push('new4@acme.example', 'ZED');
    const off = await idp.call('POST', '/Users', { schemas: [USER], userName: 'off@acme.example', active: false, entitlements: [{ value: 'ZED', type: 'license' }] }); // prettier-ignore
    const on = await idp.call('PATCH', `/Users/${off.body.id}`, { schemas: [PATCH_OP], Operations: [{ op: 'replace', path: 'active', value: true }] }); // prettier-ignore

    expect([first.body.status, second.body.status]).toEqual(['granted', 'waiting']);
    expect(second.body.answer).toMatchObject({ rule: 'baseline', reason: '2 of 5 rights of ZED would be in use; 1 are planned for.' }); // prettier-ignore
    expect([pushed.status, off.status, on.status]).toEqual([403, 201, 403]);
  });
});

describe('members of a group for which rights are set aside', () => {
  let group: string;
  const join = (...members: readonly string[]) =>
    idp.call('PATCH', `/Groups/${group}`, {
      schemas: [PATCH_OP],
      Operations: [{ op: 'add', path: 'members', value: members.map((value) => ({ value })) }],
    });

  test('join while rights are left, each with one; what goes beyond waits, in groups inside it too', async () => {
    await limits({ atHardLimit: 'ask' });
    const people: string[] = [];
    for (const at of [0, 1, 2, 3]) people.push((await idp.newUser({ userName: `g${at}@acme.example` })).id);
    const inner = (await idp.newGroup('Inner', people.slice(2))).id;
    group = (await idp.newGroup('Planners')).id;
    const source = { connection: 'idp', stream: 'Groups', mappingId: 'scim.group', mappingVersion: 1 };
    const terms = { posture: 'licensee' as const, ownerRef: 'own', status: 'active' as const };
    await staffed.inTx((tx) => recordFacts(tx, source, [{
      recordId: 'plan', recordHash: 'h',
      facts: [
        { noun: 'sku', body: { externalRef: 'PLAN', skuCode: 'PLAN', name: 'Plan', metricCode: 'user_subscription', rightsPerPack: 1, active: true } },
        { noun: 'entitlement', body: { externalRef: 'e', skuCode: 'PLAN', unlimited: false, ...terms } },
        { noun: 'entitlementTransaction', body: { externalRef: 'g', entitlementRef: 'e', type: 'grant', quantityDelta: '4', reason: 'order', validFrom: '2026-01-01' } },
        { noun: 'allocation', body: { externalRef: 'a', entitlementRef: 'e', subjectType: 'group', subjectRef: group, quantity: '1', blocking: true } },
        { noun: 'seatAssignment', body: { externalRef: 'u0:PLAN', posture: 'licensee', skuCode: 'PLAN', userAccountRef: 'u0', active: true } },
        { noun: 'userGroup', body: { externalRef: inner, displayName: 'Inner', memberRefs: people.slice(2) } },
      ],
    }]));
    const two = await join(...people.slice(0, 2));
    const four = await join(inner);
    const members = (await idp.call('GET', `/Groups/${group}`)).body.members;

    expect([two.status, four.status, members.length]).toEqual([204, 403, 2]);
    expect(four.body.detail).toContain('5 of 4 rights of PLAN would be in use, 125.0 %');
    expect(await requests('product=PLAN')).toMatchObject([
      { userName: 'g3@acme.example', status: 'waiting' },
      { userName: 'g2@acme.example', status: 'waiting' },
      { userName: 'g1@acme.example', status: 'granted' },
      { userName: 'g0@acme.example', status: 'granted' },
    ]);
  }); // prettier-ignore

  test('are let in once they are granted, and give their rights back when they leave', async () => {
    for (const { id } of await requests('product=PLAN&status=waiting')) await decide('Adam', id, 'approve'); // prettier-ignore
    const [{ id: inner }] = (await idp.call('GET', `/Groups?filter=${encodeURIComponent('displayName eq "Inner"')}`)).body.Resources; // prettier-ignore
    const again = await join(inner);
    const emptied = await idp.call('PUT', `/Groups/${group}`, { schemas: [GROUP], displayName: 'Planners', members: [] }); // prettier-ignore

    expect([again.status, emptied.status]).toEqual([204, 200]);
    expect(await requests('product=PLAN&status=granted')).toEqual([]);
  });
});

test('a request names a login, a product and a connection that there are, and no seat that is held', async () => {
  const answers = await Promise.all([
    ask('nobody'),
    ask('u1', 'NOPE'),
    ask('u1', 'FIG'),
    ask('u1', 'ZED', 'Vera'),
    call('Lena', 'POST', 'seat-requests', { person: 'u1', product: 'ZED', connection: 'none' }),
  ]);

  expect(answers.map(({ status }) => status)).toEqual([404, 422, 409, 403, 404]);
});

test('another company sees none of it', async () => {
  const key = (await staffed.api.person('globex', ['licence-manager'])).key;
  const { body } = await staffed.api.call('GET', '/api/v1/seat-requests', { key });

  expect(body.data).toEqual([]);
});
