import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { cancelShadow } from '../../src/app/flows/show-shadow.ts';
import { shadowMapping } from '../../src/app/flows/shadow-mapping.ts';
import { mapRecords } from '../../src/app/map-records.ts';
import type { TenantTx } from '../../src/db/store.ts';
import { getConnection } from '../../src/intake/connections.ts';
import { newestRecordIds } from '../../src/intake/newest-records.ts';
import { listRuns } from '../../src/intake/runs.ts';
import { factsOf } from '../../src/ledger/facts.ts';
import { publishMapping } from '../../src/mapping/publish.ts';
import { listShadows } from '../../src/mapping/shadow-runs.ts';
import type { Answer } from '../support/api.ts';
import { dealStory } from '../support/deal-story.ts';
import { overrideOf, serveCompany, type ServedCompany } from '../support/served-company.ts';

let company: ServedCompany;

beforeAll(async () => {
  company = await serveCompany();
}, 240_000);
afterAll(() => company?.stop());

const LINE = 'salesforce.opportunity-line';
const ORDER_LINE = 'netsuite.sales-order-line';
const LATER = overrideOf(
  ORDER_LINE,
  '  validTo: { from: line.custcol_trueup_service_end, steps: [{ add-days: 31 }] }\ntests: []\n',
);

const Shadow = z.looseObject({
  id: z.string(),
  lookedAt: z.number(),
  counts: z.record(z.string(), z.number()),
  fields: z.record(z.string(), z.number()),
  differing: z.number(),
});

describe('shadow run', () => {
  test('every landed record is counted once, and differences can be paged through', async () => {
    const before = await company.held('opportunityLine');
    const text = overrideOf(
      LINE,
      "  lineNumber: { expr: 'src.UnitPrice > 100.0 ? int(src.SortOrder) + 100 : int(src.SortOrder)' }\n",
    );

    const { body } = await company.post(`/mappings/${LINE}:shadow`, { text });

    const { counts, differing, lookedAt } = Shadow.parse(body);
    const sum = Object.values(counts).reduce((total, each) => total + each, 0);
    const first = await company.get(`/shadow-runs/${body.id}/differences?limit=2`);
    const rest = await company.get(
      `/shadow-runs/${body.id}/differences?limit=500&cursor=${first.body.page.nextCursor}`,
    );
    expect([body.state, sum, lookedAt]).toEqual(['done', before.length, before.length]);
    expect(counts['update']).toBeGreaterThan(0);
    expect(counts['unchanged']).toBeGreaterThan(0);
    expect([counts['update'], body.fields]).toEqual([differing, { lineNumber: differing }]);
    expect(first.body.data.length + rest.body.data.length).toBe(differing);
    expect(first.body.data[0].items[0].fields).toEqual([
      expect.objectContaining({ field: 'lineNumber', differs: true, changes: true }),
    ]);
    expect(await company.held('opportunityLine')).toEqual(before);
  });

  test('records that would claim one reference are conflicts but for the one that has it first', async () => {
    const text = overrideOf(LINE, '  externalRef: { from: src.OpportunityId, key: true }\n');

    const { body } = await company.post(`/mappings/${LINE}:shadow`, { text });

    const deals = new Set(
      await company.harness.inTx(async (tx) =>
        (await factsOf(tx, 'opportunityLine')).map((fact) => fact.body.opportunityRef),
      ),
    );
    expect(body.counts.conflict).toBe(body.lookedAt - deals.size);
    expect(body.counts.update).toBe(deals.size);
  });

  test('the command line counts as REST does, exits 9 when records differ, and the run is audited', async () => {
    const file = join(company.desk, 'later.yaml');
    await writeFile(file, LATER);
    const { body } = await company.post(`/mappings/${ORDER_LINE}:shadow`, { text: LATER });

    const { code, out } = await company.trueup([
      'mappings', 'shadow', ORDER_LINE, '--file', file, '--impact', '--exit-code', '--json',
    ]); // prettier-ignore

    const shown = JSON.parse(out);
    expect(code).toBe(9);
    expect(Shadow.parse(shown)).toMatchObject({ counts: body.counts, fields: body.fields });
    expect(shown.impact.counts).toEqual(body.counts);
    const audited = await company.get('/audit-events?limit=500');
    expect(audited.body.data).toContainEqual(
      expect.objectContaining({
        action: 'mapping.shadowed',
        subjectType: 'mapping',
        subjectId: ORDER_LINE,
      }),
    );
  });

  test('a run that is cancelled stops at its next chunk, and what it found before stays', async () => {
    const { deps, caller } = company.harness;
    let writes = 0;
    const store = {
      ...deps.store,
      withTenant: async <T>(id: string, fn: (tx: TenantTx) => Promise<T>): Promise<T> => {
        writes += 1;
        return deps.store.withTenant(id, fn);
      },
      readTenant: async <T>(id: string, fn: (tx: TenantTx) => Promise<T>): Promise<T> => {
        const answer = await deps.store.readTenant(id, fn);
        const [running] = await deps.store.readTenant(id, (tx) => listShadows(tx, { limit: 1 }));
        if (running?.state === 'running') await cancelShadow(deps, caller, running.id);
        return answer;
      },
    };

    const run = await shadowMapping({ ...deps, store }, caller, {
      id: 'salesforce.opportunity-history',
      records: 10_000,
    });

    expect(run).toMatchObject({ state: 'cancelled', lookedAt: 0 });
    // More than a chunk was wanted: opened, one chunk refused, ended.
    expect(run.wanted).toBeGreaterThan(500);
    expect(writes).toBe(3);
  });
});

describe('outbound mappings', () => {
  test('run over what commerce would hand over: orders and contracts of won deals, and renewals', async () => {
    const open = company.harness.company.worlds.salesforce.objects['Opportunity']?.find(
      (each) => each['StageName'] === 'Negotiation/Review',
    );
    const id = open?.['Id'];
    await dealStory(company.harness).moveTo(typeof id === 'string' ? id : '', 'Closed Won');
    for (const job of ['detect-closed-won', 'sync-renewals']) {
      await company.harness.ask(job);
      await company.harness.drain();
    }
    const order = 'netsuite.order-to-sales-order';
    const text = overrideOf(order, "  memo: { value: 'Draft' }\ntests: []\n");

    const shadows = new Map<string, Answer>();
    for (const mapping of [
      order,
      'salesforce.agreement-to-contract',
      'salesforce.renewal-to-opportunity',
      'netsuite.renewal-to-estimate',
    ])
      shadows.set(mapping, await company.post(`/mappings/${mapping}:shadow`));
    const impact = await company.post(`/mappings/${order}:impact`, { text });

    for (const { status, body } of shadows.values()) {
      expect([status, body.state, body.counts.blocked]).toEqual([200, 'done', 0]);
      expect(body.lookedAt).toBeGreaterThan(0);
    }
    expect(impact.body.documents.total).toBe(shadows.get(order)?.body.lookedAt);
    expect(impact.body.documents.first[0].fields).toEqual([
      { field: 'memo', before: expect.any(String), after: 'Draft' },
    ]);
  });
});

describe('impact', () => {
  test('says exactly the rights that publishing and mapping again gives', async () => {
    const before = await company.held('entitlement');
    const { status, body } = await company.post(`/mappings/${ORDER_LINE}:impact`, { text: LATER });

    expect(status).toBe(200);
    expect(await company.held('entitlement')).toEqual(before);
    expect(body.serviceDates.total).toBe(body.documents.total);
    expect(body.customers.total).toBeGreaterThan(10);
    expect(body.documents.first[0]).toMatchObject({
      noun: 'orderLine',
      fields: [{ field: 'validTo' }],
    });
    expect(body.documents.first[0].customer).toMatch(/^001/);
    expect(body.renewals.total).toBeGreaterThan(0);

    await company.harness.inTx(async (tx) => {
      await publishMapping(tx, company.harness.deps.mappings, { text: LATER, person: 'ada' });
      const connection = await getConnection(tx, 'erp');
      const ids = await newestRecordIds(tx, { connection: 'erp', stream: 'salesOrder' }, 100_000);
      const [run] = await listRuns(tx, { limit: 1 });
      const mapper = {
        deps: company.harness.deps,
        tx,
        connection,
        runId: run?.id ?? '',
        startedAt: new Date().toISOString(),
      };
      await mapRecords(mapper, 'salesOrder', ids);
    });
    await company.harness.ask('sync-entitlements');
    await company.harness.drain();

    const after = new Map(
      await company.harness.inTx(async (tx) =>
        (await factsOf(tx, 'entitlement')).map((fact) => [fact.externalRef, fact.body] as const),
      ),
    );
    for (const { ref, after: told } of body.entitlements.first)
      expect([ref, told.to, told.status]).toEqual([
        ref,
        after.get(ref)?.plannedTo ?? null,
        after.get(ref)?.status,
      ]);
    const now = await company.post(`/mappings/${ORDER_LINE}:impact`);
    expect(now.body.entitlements.total).toBe(0);
    expect(now.body.renewals.forecast.before).toEqual(body.renewals.forecast.after);
  });
});
