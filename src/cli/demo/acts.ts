import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { RemoteRejected } from '../../kernel/errors.ts';
import type { RunView } from '../wait-for-run.ts';
import {
  connectionsOf,
  entitlementsIn,
  mapped,
  planOf,
  pull,
  settled,
  type Stage,
} from './stage.ts';
import { until } from './story.ts';
import type { EntitlementView, IntentView, PlanView } from './views.ts';

/** Adds the four connections, opens CRM and ERP for writing, and lets them push. */
export async function connect(stage: Stage): Promise<void> {
  const { story, api } = stage;
  for (const connection of connectionsOf(stage)) {
    const pushes = connection.connector === 'salesforce' || connection.connector === 'netsuite';
    const secret = `whsec_${randomBytes(32).toString('base64')}`;
    await story.step(`Connected ${connection.name}`, async () => {
      const added = await api.post<{ checks: readonly { name: string; ok: boolean; detail: string }[] }>('/connections', {
        ...connection,
        secrets: { ...connection.secrets, ...(pushes ? { webhookSecret: secret } : {}) },
        allowPrivateNetwork: true,
      });
      const failed = added.checks.find((check) => !check.ok);
      if (failed !== undefined) throw new RemoteRejected(`The check "${failed.name}" of ${connection.name} failed: ${failed.detail}`);
      return added.checks.length;
    }, (checks) => `${checks} checks passed, read-only`); // prettier-ignore
    if (!pushes) continue;
    await api.patch(`/connections/${connection.name}`, { mode: 'read-write' });
    const objects = connection.connector === 'salesforce' ? ['Opportunity'] : ['salesOrder'];
    const twin =
      connection.connector === 'salesforce' ? stage.twins.salesforce : stage.twins.netsuite;
    await twin.pushTo({ url: `${api.url}/hooks/${connection.name}`, secret, objects });
  }
}

/** Pulls everything and waits until it is mapped. */
export async function readAll(stage: Stage): Promise<readonly RunView[]> {
  const runs = await Promise.all(
    connectionsOf(stage).map(({ name }) =>
      stage.story.step(`Pulled ${name}`, () => pull(stage, name), (run) => {
        const records = run.streams.reduce((sum, stream) => sum + stream.landed, 0);
        const closed = run.streams.filter((stream) => stream.certificate?.closed === true).length;
        return `${records} records, ${closed} of ${run.streams.length} certificates closed`;
      }),
    ),
  ); // prettier-ignore
  const open = runs.flatMap((run) =>
    run.streams
      .filter((stream) => stream.certificate?.closed !== true)
      .map(
        (stream) => `${run.connection} ${stream.stream}: ${stream.error?.message ?? 'not closed'}`,
      ),
  );
  if (open.length > 0) throw new RemoteRejected(`Not everything was read: ${open.join('; ')}`);
  await stage.story.step('Mapped every page into facts', () =>
    mapped(
      stage,
      runs.map((run) => run.id),
    ),
  );
  return runs;
}

/** The rights that the orders of the past give; nothing is written anywhere for them. */
export async function startRights(stage: Stage): Promise<number> {
  await stage.api.post('/sync/sync-entitlements');
  const rows = await stage.story.step(
    'Started the rights that orders and paper contracts give',
    () => activeRights(stage),
    (active) => `${active.length} active entitlements`,
  );
  return rows.length;
}

/** The active entitlements once their number stands still: every source has had its say. */
function activeRights(stage: Stage): Promise<readonly EntitlementView[]> {
  let before = 0;
  return until('rights to start', async () => {
    const active = await stage.api.list<EntitlementView>('/entitlements', { status: 'active' });
    const stands = active.length > 0 && active.length === before;
    before = active.length;
    if (!stands) await delay(500);
    return stands ? active : undefined;
  });
}

export interface ClosedDeal {
  readonly plan: PlanView;
  readonly intents: readonly IntentView[];
  /** From the change in the CRM to the last effect read back. */
  readonly elapsedMs: number;
}

/** Closes an opportunity in the CRM and follows it until every effect is read back. */
export async function closeDeal(
  stage: Stage,
  deal: Stage['sample']['toClose'],
  byPerson: boolean,
): Promise<ClosedDeal> {
  const { story, api } = stage;
  const began = Date.now();
  await story.step(`Closed "${deal.name}" as won in Salesforce`, () =>
    stage.twins.salesforce.mutate('Opportunity', deal.opportunityId, { StageName: 'Closed Won' }),
  );
  const planned = await story.step(
    'The push reached Trueup, the change was read and planned',
    () => planOf(stage, deal.opportunityId, 'closed_won', byPerson ? ['waiting'] : ['approved', 'applying', 'applied']),
    (plan) => `${plan.body.total?.amount ?? '?'} ${plan.body.total?.currency ?? ''}, hash ${plan.hash.slice(0, 12)}, ${byPerson ? 'waits for a person' : 'policy approves'}`,
  ); // prettier-ignore
  if (byPerson) {
    await story.step('A person approved exactly this plan', async () => {
      await stage.approver.post(`/plans/${planned.id}:approve`, { hash: planned.hash });
      await stage.approver.post(`/plans/${planned.id}:apply`);
    });
  }
  const plan = await story.step('Order and contract were written and read back', () =>
    planOf(stage, deal.opportunityId, 'closed_won', ['applied']),
  );
  const elapsedMs = Date.now() - began;
  const { intents } = await api.get<{ intents: readonly IntentView[] }>(`/plans/${plan.id}`);
  for (const intent of intents)
    story.note(
      `${intent.connection} ${intent.object} ${intent.result?.vendorId ?? '?'}: ${intent.state}, read back ${intent.readBack ? 'yes' : 'no'}`,
    );
  await story.step(
    'Its rights are drafts, because the order waits for approval',
    () => entitlementsIn(stage, plan.subject, 'draft'),
    (rows) => `${rows.length} drafts`,
  );
  return { plan, intents, elapsedMs };
}

/** Approves the order of a deal in the ERP, which starts the rights. */
export async function approveOrder(
  stage: Stage,
  closed: ClosedDeal,
): Promise<readonly EntitlementView[]> {
  const order = closed.intents.find((intent) => intent.connection === 'netsuite');
  const id = order?.result?.vendorId ?? '';
  await stage.story.step(`Approved sales order ${id} in NetSuite`, () =>
    stage.twins.netsuite.mutate('salesOrder', id, { status: { id: 'B' } }),
  );
  return stage.story.step(
    'Its rights are active now',
    () => entitlementsIn(stage, closed.plan.subject, 'active'),
    (rows) => rows.map((row) => `${row.rightsInForce} × ${row.skuCode}`).join(', '),
  ); // prettier-ignore
}

/** Reopens a deal in the CRM: its order's lines are closed and its rights reversed. */
export async function reopen(
  stage: Stage,
  deal: Stage['sample']['toReopen'],
  closed: ClosedDeal,
): Promise<void> {
  const { story } = stage;
  await story.step(`Reopened "${deal.name}" in Salesforce`, () =>
    stage.twins.salesforce.mutate('Opportunity', deal.opportunityId, {
      StageName: 'Negotiation/Review',
    }),
  );
  await story.step('Its order lines were closed in NetSuite and read back', () =>
    planOf(stage, deal.opportunityId, 'reopen', ['applied']),
  );
  await story.step(
    'Its rights are reversed',
    () => entitlementsIn(stage, closed.plan.subject, 'reversed'),
    (rows) => `${rows.length} reversed`,
  );
}

/** Renewals in both systems. */
export async function renew(
  stage: Stage,
): Promise<{ readonly due: number; readonly written: number }> {
  await stage.api.post('/sync/sync-renewals');
  const terms = await stage.story.step(
    'Found the renewals that are due',
    () => until('renewals', async () => {
      const rows = await stage.api.list<{ externalRef: string }>('/renewals');
      return rows.length > 0 ? rows : undefined;
    }),
    (rows) => `${rows.length} within the lead time`,
  ); // prettier-ignore
  const intents = await stage.story.step(
    'Wrote each as opportunity and estimate',
    () => settled(stage),
    (all) => `${renewalsWritten(all)} renewals in both systems`,
  );
  return { due: terms.length, written: renewalsWritten(intents) };
}

/** Renewals whose every effect is applied and read back. */
function renewalsWritten(intents: readonly IntentView[]): number {
  const groups = Map.groupBy(
    intents.filter((intent) => intent.canonicalId.startsWith('renewal:')),
    (intent) => intent.canonicalId,
  );
  return [...groups.values()].filter((group) =>
    group.every((intent) => intent.state === 'APPLIED' && intent.readBack),
  ).length;
}
