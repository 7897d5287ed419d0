import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { testApi, type TestApi } from '../../test/support/api.ts';
import type { TenantTx } from '../db/store.ts';
import type { Certificate } from '../intake/certificate.ts';
import { saveCertificate } from '../intake/certificates.ts';
import { addConnection } from '../intake/connections.ts';
import { openRetryPages } from '../intake/pages.ts';
import { openRun } from '../intake/runs.ts';
import { listPauses, pauseMappings } from '../mapping/paused-mappings.ts';
import { saveChanges } from '../mapping/known-schemas.ts';

const MADE: Certificate = {
  stream: 'Users',
  from: null,
  to: '2026-03-02T09:00:00Z',
  method: 'bucket-hash',
  sourceCount: 7,
  distinctIds: 6,
  movedOut: 0,
  missingIds: ['u1'],
  missingCount: 1,
  staleIds: [],
  staleCount: 0,
  caughtLate: 2,
  removed: 0,
  held: 0,
  holdId: null,
  caveats: [],
  closed: false,
};

let api: TestApi;
let admin: string;
let viewer: string;
const inTx = <T>(fn: (tx: TenantTx) => Promise<T>): Promise<T> =>
  api.deps.store.withTenant('acme', fn);
const get = (path: string, key = viewer) => api.call('GET', `/api/v1${path}`, { key });

beforeAll(async () => {
  api = await testApi();
  admin = (await api.person('acme', ['admin'])).key;
  viewer = (await api.person('acme', ['viewer'])).key;
  await inTx(async (tx) => {
    const link = { connector: 'scim', role: 'directory', config: {} } as const;
    await addConnection(tx, { ...link, id: 'people', allowPrivateNetwork: false });
    const place = { runId: 'run_1', connection: 'people' };
    await saveCertificate(tx, place, MADE);
    await saveCertificate(tx, place, { ...MADE, stream: 'Groups', closed: true });
    await saveCertificate(tx, place, { ...MADE, method: 'none', sourceCount: null, closed: null });
  });
});
afterAll(() => api.close());

describe('the certificates of a company', () => {
  test('come newest first, a page at a time, and by themselves', async () => {
    const first = await get('/certificates?limit=2');
    const cursor = Reflect.get(Reflect.get(first.body as object, 'page'), 'nextCursor');
    const second = await get(`/certificates?limit=2&cursor=${String(cursor)}`);

    expect(first.body).toMatchObject({
      data: [{ closed: null, method: 'none' }, { stream: 'Groups' }],
      page: { hasMore: true },
    });
    expect(second.body).toMatchObject({ data: [{ ...MADE, connection: 'people' }] });
    const [oldest] = Reflect.get(second.body as object, 'data') as { id: string }[];
    expect((await get(`/certificates/${oldest?.id}`)).body).toEqual(oldest);
  });

  test('are found by connection, stream and whether they closed', async () => {
    const found = async (query: string) =>
      (Reflect.get((await get(`/certificates?${query}`)).body as object, 'data') as object[])
        .length;

    expect(await found('connection=people&stream=Users&closed=no')).toBe(1);
    expect(await found('closed=yes')).toBe(1);
    expect(await found('closed=none')).toBe(1);
    expect(await found('connection=other')).toBe(0);
    expect(await found('closed=caveats')).toBe(0);
  });

  test('tell what ended, what is held and what could not be proven', async () => {
    const told = { removed: 3, held: 0, holdId: null, caveats: ['Deletions not provable.'] };
    await inTx((tx) =>
      saveCertificate(
        tx,
        { runId: 'run_2', connection: 'people' },
        { ...MADE, ...told, method: 'keys', closed: true },
      ),
    );

    const caveats = await get('/certificates?closed=caveats');
    const plain = await get('/certificates?closed=yes&limit=50');

    expect(caveats.body).toMatchObject({ data: [{ ...told, method: 'keys', closed: true }] });
    expect(plain.body).toMatchObject({ data: [{ stream: 'Groups' }] });
  });

  test('one that is not there, and one of another company, is not found', async () => {
    const stranger = (await api.person('globex', ['admin'])).key;
    const { body } = await get('/certificates?limit=1');
    const [row] = Reflect.get(body as object, 'data') as { id: string }[];

    expect((await get('/certificates/crt_none')).status).toBe(404);
    expect((await get(`/certificates/${row?.id}`, stranger)).status).toBe(404);
  });
});

describe('the schema of a connection', () => {
  test('shows what changed and what waits; accepting it maps what waited, and only who may write may', async () => {
    const path = '/connections/people/schema-changes';
    const pause = { mappingId: 'scim.user', mappingVersion: 1, stream: 'Users', fieldStream: 'Users', field: 'active', kind: 'gone', expected: 'boolean', pauses: true, direction: 'inbound' } as const; // prettier-ignore
    await inTx(async (tx) => {
      const place = { connection: 'people', stream: 'Users' };
      await saveChanges(tx, place, [
        { field: 'active', kind: 'gone', before: 'boolean', after: '' },
      ]);
      await pauseMappings(tx, 'people', [pause]);
      const run = {
        connection: 'people',
        trigger: 'person',
        requestedBy: 'x',
        full: true,
      } as const;
      const runId = await openRun(tx, { ...run, streams: ['Users'] });
      await openRetryPages(tx, { runId, stream: 'Users' }, [['u1']]);
    });

    const shown = await get(path);
    const refused = await api.call('POST', `/api/v1${path}:accept`, { key: viewer });
    const accepted = await api.call('POST', `/api/v1${path}:accept`, { key: admin });
    const asked = await inTx((tx) =>
      tx.sql<{ key: string }>(`select w.key from outbox w where w.job = 'map'`),
    );

    expect(shown.body).toMatchObject({
      data: [{ stream: 'Users', field: 'active', kind: 'gone', detail: 'boolean' }],
      paused: [pause],
    });
    expect([refused.status, accepted.status, accepted.body]).toEqual([403, 202, { accepted: 1 }]);
    expect(await inTx((tx) => listPauses(tx, 'people'))).toEqual([]);
    expect(asked.map(({ key }) => key.split('/').slice(1))).toEqual([['Users', '1000000']]);
  });
});
