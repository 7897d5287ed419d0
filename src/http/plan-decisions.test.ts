import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { testApi, type Answer, type TestApi } from '../../test/support/api.ts';
import { savePlan } from '../delivery/plans.ts';

let api: TestApi;
let approver: string;
let viewer: string;

beforeAll(async () => {
  api = await testApi();
  approver = (await api.person('acme', ['approver'], 'Ada')).key;
  viewer = (await api.person('acme', ['viewer'], 'Bob')).key;
});
afterAll(() => api.close());

const STANDING = [{ entitlementRef: 'ent:erp:7', skuCode: 'PRO', quantity: '25', from: '2026-01-01' }]; // prettier-ignore

/** A plan for review, as the detection keeps one. */
async function forReview(subject: string): Promise<string> {
  const { plan } = await api.deps.store.withTenant('acme', (tx) =>
    savePlan(tx, {
      kind: 'closed_won',
      subject,
      hash: `hash of ${subject}`,
      body: {
        effects: [],
        late: { since: '2026-01-10', days: 51 },
        review: { standing: STANDING },
      },
      blocked: false,
      approvedByPolicy: true,
      forReview: true,
    }),
  );
  return plan.id;
}

const decide = (id: string, body: unknown, key = approver): Promise<Answer> =>
  api.call('POST', `/api/v1/plans/${id}:decide`, { key, body });

test('F-45: a late deal is found by its state, and decided by who may approve, who is named', async () => {
  const id = await forReview('deal:late');

  const listed = await api.call('GET', '/api/v1/plans?status=review', { key: viewer });
  const stranger = await decide(id, { hash: 'hash of deal:late', as: 'renewal' }, viewer);
  const decided = await decide(id, { hash: 'hash of deal:late', as: 'renewal' });
  const again = await decide(id, { hash: 'hash of deal:late', as: 'additional' });

  expect(listed.body.data).toMatchObject([{ id, status: 'review', body: { late: { days: 51 } } }]);
  expect([stranger.status, decided.status, again.status]).toEqual([403, 200, 409]);
  expect(decided.body).toMatchObject({
    status: 'linked',
    decision: 'renewal',
    decidedBy: expect.stringMatching(/^usr_/),
    approvedBy: null,
  });
});

test('F-45: a decision is audited with the deal, its days and what stands', async () => {
  const id = await forReview('deal:audited');
  await decide(id, { hash: 'hash of deal:audited', as: 'rejected' });

  const [event] = await api.deps.store.readTenant('acme', (tx) =>
    tx.sql(
      `select a.details from audit_event a where a.action = 'plan.decided' and a.subject_id = $1`,
      [id],
    ),
  );

  expect(event).toMatchObject({
    details: { as: 'rejected', deal: 'deal:audited', daysLate: 51, standing: ['ent:erp:7'] },
  });
});

test('F-45: a decision of another kind, or of a plan that was not seen, changes nothing', async () => {
  const id = await forReview('deal:other');

  const strange = await decide(id, { hash: 'hash of deal:other', as: 'perhaps' });
  const unseen = await decide(id, { hash: 'another', as: 'additional' });

  const shown = await api.call('GET', `/api/v1/plans/${id}`, { key: viewer });
  expect([strange.status, unseen.status]).toEqual([422, 409]);
  expect(shown.body).toMatchObject({ status: 'review', decision: null });
});
