import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { testApi, type TestApi } from '../../../test/support/api.ts';
import { addDirectory, pushClient } from '../../../test/support/scim-push.ts';
import { createTurns } from './turns.ts';

let api: TestApi;
beforeAll(async () => {
  api = await testApi();
});
afterAll(() => api.close());

test('one company’s work never takes more than its turns, and what would wait too long is not begun', async () => {
  const turns = createTurns({ atOnce: 2, waiting: 3 });
  const gate = Promise.withResolvers<void>();
  let begun = 0;
  const work = async (): Promise<string> => {
    begun += 1;
    await gate.promise;
    return 'done';
  };

  const many = Array.from({ length: 7 }, () => turns.run('acme', work));
  const other = turns.run('globex', async () => 'at once');

  expect(await other).toEqual({ value: 'at once' });
  expect(begun).toBe(2);
  gate.resolve();
  const ends = await Promise.all(many);
  expect(ends.map((end) => end?.value ?? null)).toEqual(['done', 'done', 'done', 'done', 'done', null, null]); // prettier-ignore
  expect(await turns.run('acme', async () => 'again')).toEqual({ value: 'again' });
});

test('a company whose directories are all busy keeps no other company waiting', async () => {
  const [busy, quiet] = [await addDirectory(api, 'busy'), (await api.person('globex', ['admin'])).key]; // prettier-ignore
  // One token may have eight bodies under way.
  const { key } = await api.person('acme', ['admin']);
  const senders = [busy];
  for (const label of ['b', 'c', 'd', 'e']) {
    const made = await api.call('POST', '/api/v1/directories/busy/tokens', {
      key,
      body: { label },
    });
    senders.push(pushClient(api, made.body.text));
  }
  const locked = Promise.withResolvers<void>();
  const ends = Promise.withResolvers<void>();
  const holder = api.deps.store.withTenant('acme', async (tx) => {
    await tx.sql(`select from directory d where d.connection = 'busy' for update`);
    locked.resolve();
    await ends.promise;
  });
  await locked.promise;
  const pushes = senders.flatMap((sender, at) =>
    [0, 1, 2, 3, 4, 5, 6, 7].map((nth) =>
      sender.call('POST', '/Groups', {
        schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'],
        displayName: `g${at}.${nth}`,
      }),
    ),
  );

  await new Promise((done) => setTimeout(done, 1500));
  const first = await Promise.race([
    api.call('GET', '/api/v1/me', { key: quiet }),
    Promise.all(pushes).then(() => null),
    new Promise<null>((done) => setTimeout(done, 4000, null)),
  ]);
  ends.resolve();
  await holder;
  const answers = await Promise.all(pushes);

  expect(first?.status).toBe(200);
  expect(answers.every(({ status }) => status === 201)).toBe(true);
}, 60_000);
