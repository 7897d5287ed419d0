import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { makeCliHome, type CliHome } from '../../test/support/cli.ts';
import { staffedApi, type StaffedApi } from '../../test/support/staffed-api.ts';
import { runReconciliation } from '../app/flows/run-reconciliation.ts';
import { recordFacts } from '../ledger/facts.ts';

// Ada has a login in two directories that share her address; Bob's login carries it by mistake.

let staffed: StaffedApi;
let cli: CliHome;

const context = { tenantId: 'acme', signal: AbortSignal.timeout(600_000), hold: async () => {} };
const reconcile = () =>
  runReconciliation(staffed.api.deps, context, {
    reconciliationId: null,
    asOf: null,
    knownAt: null,
  });
const call = (who: string, method: string, path: string, body?: object) =>
  staffed.call(who, method, path, body);
const personOf = async (connection: string, account: string): Promise<unknown> => {
  const { data } = (await call('Vera', 'GET', `identity-links?connection=${connection}&account=${account}`)).body; // prettier-ignore
  return data[0]?.personRef;
};
const BOB = { connection: 'two', account: 'bob' };

beforeAll(async () => {
  staffed = await staffedApi({ Lena: ['licence-manager'], Vera: ['viewer'], Aud: ['auditor'] });
  cli = await makeCliHome();
  const login = (externalRef: string, kind: 'human' | 'service', emails: string[]) => ({
    recordId: externalRef,
    recordHash: 'h',
    facts: [{ noun: 'userAccount' as const, body: { externalRef, userName: externalRef, active: true, kind, emails } }],
  }); // prettier-ignore
  const from = (connection: string) => ({ connection, stream: 'User', mappingId: 'm', mappingVersion: 1 }); // prettier-ignore
  const address = ['ada@acme.example'];
  await staffed.inTx(async (tx) => {
    await recordFacts(tx, from('one'), [login('ada', 'human', address)]);
    await recordFacts(tx, from('two'), [login('bob', 'human', address), login('robot', 'service', [])]); // prettier-ignore
  });
  await reconcile();
}, 120_000);
afterAll(async () => {
  await cli?.stop();
  await staffed?.close();
});

test('rules took two people for one; somebody parts them, which holds for later runs, and undoes it', async () => {
  const merged = [await personOf('one', 'ada'), await personOf('two', 'bob')];
  const refused = await call('Vera', 'POST', 'identity-links', {
    ...BOB,
    person: null,
    reason: 'r',
  });
  const parted = await call('Lena', 'POST', 'identity-links', { ...BOB, person: null, reason: 'Bob sits next to her' }); // prettier-ignore
  await reconcile();
  const apart = [await personOf('one', 'ada'), await personOf('two', 'bob')];
  const undone = await call('Lena', 'POST', 'identity-links:undo', { ...BOB, reason: 'it is her second login' }); // prettier-ignore
  await reconcile();
  const again = [await personOf('one', 'ada'), await personOf('two', 'bob')];

  expect(merged[0]).toBe(merged[1]);
  expect([refused.status, parted.status, undone.status]).toEqual([403, 201, 200]);
  expect(parted.body).toMatchObject({ method: 'manual', confidence: 1, personRef: 'person:two/bob' }); // prettier-ignore
  expect(apart[1]).toBe('person:two/bob');
  expect(apart[0]).not.toBe(apart[1]);
  expect(again).toEqual(merged);
});

test('nothing is undone that nobody said, and nobody is linked who is unknown or no human', async () => {
  const ghost = { connection: 'two', account: 'ghost' };
  const answers = [
    await call('Lena', 'POST', 'identity-links:undo', { ...BOB, reason: 'r' }),
    await call('Lena', 'POST', 'identity-links', { ...BOB, person: 'person:hr/E9', reason: 'r' }),
    await call('Lena', 'POST', 'identity-links', { ...ghost, person: null, reason: 'r' }),
    await call('Lena', 'POST', 'identity-links', { connection: 'two', account: 'robot', person: null, reason: 'r' }), // prettier-ignore
  ];

  expect(answers.map(({ status }) => status)).toEqual([409, 404, 404, 422]);
});

test('who said so, of whom and why, stands in the audit, and all of it works on the command line', async () => {
  const key = { TRUEUP_KEY: staffed.keyOf('Lena') };
  const ada = await personOf('one', 'ada');
  const run = (...args: readonly string[]) => cli.run(['people', ...args, '--url', staffed.api.url], key); // prettier-ignore
  const linked = await run('link', 'two/bob', '--person', String(ada), '--reason', 'by hand');
  const listed = await run('links', '--method', 'manual', '--json');
  const unlinked = await run('unlink', 'two/bob', '--reason', 'no');
  const neither = await run('link', 'two/bob', '--reason', 'r');
  const { data } = (await call('Aud', 'GET', 'audit-events?limit=50')).body;
  const said = data.filter(({ action }: { action: string }) => action.startsWith('identity.'));

  expect([linked.code, listed.code, unlinked.code, neither.code]).toEqual([0, 0, 0, 2]);
  expect(JSON.parse(listed.out)).toMatchObject([{ accountRef: 'bob', personRef: ada }]);
  expect(said.map(({ action }: { action: string }) => action)).toEqual(['identity.unlinked', 'identity.linked', 'identity.unlinked', 'identity.linked']); // prettier-ignore
  expect(said.at(-1)).toMatchObject({ details: { person: 'person:two/bob', was: expect.any(String), reason: 'Bob sits next to her' } }); // prettier-ignore
}, 60_000);
