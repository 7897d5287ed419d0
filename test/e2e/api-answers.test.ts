import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { loadRoutes } from '../../src/http/load-routes.ts';
import { Role } from '../../src/http/role.ts';
import { serveApi, type Answer, type ServedApi } from '../support/api.ts';
import { dealStory } from '../support/deal-story.ts';
import { startHarness, type Harness } from '../support/flow-harness.ts';

let harness: Harness;
let api: ServedApi;
let key: string;

beforeAll(async () => {
  harness = await startHarness();
  api = await serveApi({
    ...harness.deps,
    version: '0.0.0-test',
    metrics: { render: async () => ({ contentType: 'text/plain', body: '' }) },
  });
  key = (await api.person(harness.caller.tenantId, [...Role.options])).key;
  for (const connection of ['crm', 'erp', 'people', 'files']) await harness.pull(connection);
  const open = harness.company.worlds.salesforce.objects['Opportunity']?.find(
    (each) => each['StageName'] === 'Negotiation/Review',
  );
  const id = open?.['Id'];
  await dealStory(harness).moveTo(typeof id === 'string' ? id : '', 'Closed Won');
  for (const job of ['detect-closed-won', 'sync-entitlements', 'sync-renewals', 'reconcile']) {
    await harness.ask(job, job === 'reconcile' ? { reconciliationId: null } : {});
    await harness.drain();
  }
}, 240_000);
afterAll(async () => {
  await api.close();
  await harness.stop();
});

const get = (path: string): Promise<Answer> => api.call('GET', path, { key });

/** Lists that the sample company fills, with the member that names a row. */
const FILLED: Readonly<Record<string, string>> = {
  '/api/v1/connectors': 'id',
  '/api/v1/connections': 'id',
  '/api/v1/runs': 'id',
  '/api/v1/plans': 'id',
  '/api/v1/entitlements': 'externalRef',
  '/api/v1/renewals': 'externalRef',
  '/api/v1/reconciliations': 'id',
  '/api/v1/findings': 'id',
  '/api/v1/users': 'id',
  '/api/v1/keys': 'id',
  '/api/v1/audit-events': 'id',
};

test('every list and every single resource answers as it declares, over a whole company', async () => {
  const single = new Set(
    (await loadRoutes()).filter((route) => route.method === 'get').map((route) => route.path),
  );

  for (const [path, name] of Object.entries(FILLED)) {
    const list = await get(`${path}?limit=500`);
    expect([path, list.status === 200 ? 'answered' : list.text]).toEqual([path, 'answered']);
    expect([path, list.body.data.length > 0]).toEqual([path, true]);

    if (!single.has(`${path}/{id}`)) continue;
    const one = await get(`${path}/${encodeURIComponent(list.body.data[0][name])}`);
    expect([path, one.status === 200 ? 'answered' : one.text]).toEqual([path, 'answered']);
  }
});

test('every list can be walked in small pages, and gives each row once', async () => {
  for (const [path, name] of Object.entries(FILLED)) {
    const whole = (await get(`${path}?limit=500`)).body.data.map(
      (row: Record<string, string>) => row[name],
    );
    const walked: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null && walked.length < whole.length) {
      const page: Answer = await get(
        `${path}?limit=${whole.length > 97 ? 97 : 1}${cursor === '' ? '' : `&cursor=${cursor}`}`,
      );
      walked.push(...page.body.data.map((row: Record<string, string>) => row[name]));
      cursor = page.body.page.nextCursor;
    }

    expect([path, walked.slice(0, whole.length)]).toEqual([path, whole]);
  }
});

test('a position is listed, and explained down to its records', async () => {
  const positions = await get('/api/v1/reconciliations/latest/positions?limit=500');
  expect(positions.body.data.length).toBeGreaterThan(10);

  const { line, runId } = positions.body.data[0];
  const named = await get(`/api/v1/reconciliations/${runId}/positions?limit=1`);
  const explained = await get(
    `/api/v1/reconciliations/latest/positions/${encodeURIComponent(line.id)}/explain`,
  );

  expect(named.body.data[0].line).toEqual(line);
  expect(explained.body).toMatchObject({ runId, line, steps: expect.any(Array) });
  expect((await get('/api/v1/reconciliations/rec_none/positions')).status).toBe(404);
  expect((await get('/api/v1/reconciliations/latest/positions/none/explain')).status).toBe(404);
});

test('a plan is shown with its hash, approved by that hash alone, and applied by a request of its own', async () => {
  const { data } = (await get('/api/v1/plans?status=waiting')).body;
  const [plan] = data;
  const verb = (name: string, body?: unknown): Promise<Answer> =>
    api.call('POST', `/api/v1/plans/${plan.id}:${name}`, { key, body });

  const before = await get('/api/v1/status');
  const early = await verb('apply');
  const wrong = await verb('approve', { hash: 'another' });
  const right = await verb('approve', { hash: plan.hash });
  const applied = await verb('apply');
  const after = await get('/api/v1/status');

  expect([early.status, wrong.status, right.status, applied.status]).toEqual([409, 409, 200, 202]);
  expect(right.body).toMatchObject({ status: 'approved', approvedHash: plan.hash });
  const others = { reviews: 0, heldRuns: 0, conflicts: 0, overdueConflicts: 0, mappingRequests: 0 };
  expect(before.body.waiting).toEqual({ plans: data.length, ...others });
  expect(after.body.waiting).toEqual({ plans: data.length - 1, ...others });
});

test('intents, status and trace answer once something was written', async () => {
  await harness.allowWrites();
  await harness.drain({ skipWaits: true });

  const intents = await get('/api/v1/intents?limit=5');
  const second = await get(`/api/v1/intents?limit=5&cursor=${intents.body.page.nextCursor}`);
  const one = await get(`/api/v1/intents/${intents.body.data[0].id}`);
  const status = await get('/api/v1/status');
  const [plan] = (await get('/api/v1/plans?limit=1')).body.data;
  const trace = await get(`/api/v1/trace?id=${encodeURIComponent(plan.body.opportunity.ref)}`);

  expect(one.body).toEqual(intents.body.data[0]);
  expect(
    new Set([...intents.body.data, ...second.body.data].map((row: { id: string }) => row.id)).size,
  ).toBe(intents.body.data.length + second.body.data.length);
  expect(status.body.connections).toHaveLength(4);
  expect(trace.body.hops.length).toBeGreaterThan(2);
  expect((await get('/api/v1/trace?id=nothing-of-the-kind')).status).toBe(404);
});

test('work is asked for and nothing is answered that is not declared', async () => {
  const started = await api.call('POST', '/api/v1/reconciliations', { key });
  await harness.drain();
  const found = await get(started.headers.get('location') ?? '');
  const retried = await api.call('POST', '/api/v1/errors:retry', { key });
  const synced = await api.call('POST', '/api/v1/sync/sync-reconciliation', { key });
  const unknown = await api.call('POST', '/api/v1/sync/everything', { key });
  const verified = await api.call('POST', '/api/v1/audit-events:verify', { key });

  expect([started.status, found.body?.id]).toEqual([202, started.body.reconciliationId]);
  expect([retried.status, synced.status, unknown.status]).toEqual([202, 202, 404]);
  expect(verified.body).toMatchObject({ ok: true, firstBad: null });
});
