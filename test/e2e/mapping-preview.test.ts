import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { factsOf } from '../../src/ledger/facts.ts';
import { overrideOf, serveCompany, type ServedCompany } from '../support/served-company.ts';

let company: ServedCompany;

beforeAll(async () => {
  company = await serveCompany();
}, 240_000);
afterAll(() => company?.stop());

const LINE = 'salesforce.opportunity-line';
const ORDER_LINE = 'netsuite.sales-order-line';

describe('preview', () => {
  test('without a draft nothing differs, and the sample is picked for its edges', async () => {
    const { status, body } = await company.post(`/mappings/${LINE}:preview`);

    expect(status).toBe(200);
    expect(body.records.length).toBeGreaterThan(5);
    expect(body.hash).toBe(body.liveHash);
    for (const record of body.records) {
      expect(record.why.length).toBeGreaterThan(0);
      expect([record.outcome, record.error]).toEqual(['unchanged', null]);
    }
    expect(body.records.flatMap((record: { why: string[] }) => record.why)).toEqual(
      expect.arrayContaining(['the greatest Quantity', 'the least UnitPrice', 'changed last']),
    );
  });

  test('a row that fails is told with its path and the shape of what it got, and all others have values', async () => {
    const text = overrideOf(
      LINE,
      "  quantity: { from: src.ProductCode, to: decimal }\n  lineNumber: { expr: 'int(src.SortOrder) + 100' }\n",
    );

    const { body } = await company.post(`/mappings/${LINE}:preview`, { text, sample: 1 });

    const [record] = body.records;
    const fields = new Map(
      record.items[0].fields.map((each: { field: string }) => [each.field, each]),
    );
    expect(record).toMatchObject({ kind: 'failed', outcome: 'blocked', liveKind: 'mapped' });
    expect(fields.get('quantity')).toMatchObject({
      draft: null,
      path: 'src.ProductCode',
      error: { code: 'wrong_type', row: 'quantity', path: 'src.ProductCode' },
    });
    expect(JSON.stringify(fields.get('quantity'))).toMatch(/got text of \d+ characters/);
    expect(fields.get('lineNumber')).toMatchObject({ differs: true, error: null });
    expect(fields.get('skuCode')).toMatchObject({
      differs: false,
      draft: record.source.ProductCode,
    });
  });

  test('the command line shows what REST says, and writes nothing', async () => {
    const before = await company.held('opportunityLine');
    const [id] = await company.harness.inTx(async (tx) =>
      (await factsOf(tx, 'opportunityLine')).map(({ externalRef }) => externalRef),
    );
    const { body } = await company.post(`/mappings/${LINE}:preview`, { record: id });

    const { code, out } = await company.trueup([
      'mappings',
      'preview',
      LINE,
      '--record',
      id ?? '',
      '--json',
    ]);

    expect([code, JSON.parse(out)]).toEqual([0, body]);
    expect(await company.held('opportunityLine')).toEqual(before);
  });

  test('a text that does not fit and a record that did not land are refused by name', async () => {
    const file = join(company.desk, 'broken.yaml');
    await writeFile(file, overrideOf(LINE, '  quantity: { fro: src.Quantity }\n'));

    const refused = await company.post(`/mappings/${LINE}:preview`, {
      text: overrideOf(LINE, '  quantity: { fro: src.Quantity }\n'),
    });
    const other = await company.post(`/mappings/${ORDER_LINE}:preview`, {
      text: overrideOf(LINE, ''),
    });
    const shown = await company.trueup(['mappings', 'preview', LINE, '--file', file]);
    const unknown = await company.trueup(['mappings', 'preview', LINE, '--record', 'none']);

    expect([refused.status, refused.body.errors[0].pointer]).toEqual([422, '/fields/quantity/fro']);
    expect(other.status).toBe(422);
    expect([shown.code, unknown.code]).toEqual([6, 4]);
    expect(unknown.err).toContain('"none" has landed from "crm"');
  });

  test('a document of commerce is shown beside what the vendor holds', async () => {
    await company.harness.allowWrites();
    await company.harness.ask('sync-entitlements');
    await company.harness.drain();

    const id = 'salesforce.entitlement-to-asset';
    const written = await company.post(`/mappings/${id}:preview`, { sample: 2 });
    const draft = await company.post(`/mappings/${id}:preview`, {
      sample: 1,
      text: overrideOf(id, '  Name: { expr: \'src.name + " (draft)"\' }\n'),
    });

    expect(written.body.records.length).toBeGreaterThan(0);
    for (const record of written.body.records)
      expect(record).toMatchObject({ outcome: 'unchanged', presentKnown: true });
    const name = draft.body.records[0].items[0].fields.find(
      (each: { field: string }) => each.field === 'Name',
    );
    expect(draft.body.records[0].outcome).toBe('update');
    expect(name).toMatchObject({ draft: `${name.present} (draft)`, differs: true, changes: true });
  });
});

describe('slow expressions', () => {
  test('a preview answers in time and says what it left out, and the server goes on answering', async () => {
    const slow = overrideOf(
      LINE,
      `  lineNumber: { expr: 'size([${'1,'.repeat(99)}1].map(a, [${'1,'.repeat(99)}1].map(b, a + b)))' }\n`,
    );
    const began = performance.now();

    const previewed = company.post(`/mappings/${LINE}:preview`, { text: slow, sample: 200 });
    const answers: number[] = [];
    for (let asked = 0; asked < 5; asked += 1) {
      const since = performance.now();
      await company.get('/connections');
      answers.push(performance.now() - since);
    }
    const { status, body } = await previewed;

    // A fast machine may have been through with all of them.
    const left = 200 - body.records.length;
    expect(status).toBe(200);
    expect(body.notes).toEqual(
      left === 0 ? [] : [`${left} of the 200 records are left out: the expressions are too slow.`],
    );
    expect(performance.now() - began).toBeLessThan(10_000);
    expect(Math.max(...answers)).toBeLessThan(2_000);
  });
});

describe('fields and suggestions', () => {
  const BARE = `id: acme.opportunity-line
version: 1
source: { connection: salesforce, object: OpportunityLineItem }
target: { object: opportunityLine }
fields:
  quantity: { value: '1' }
`;

  test('a mapping that lacks its required rows gets them suggested, and the row that a person wrote stays', async () => {
    const file = join(company.desk, 'bare.yaml');
    await writeFile(file, BARE);

    const { body } = await company.post('/mappings/acme.opportunity-line:suggest', { text: BARE });
    const { out } = await company.trueup([
      'mappings',
      'suggest',
      'acme.opportunity-line',
      '--file',
      file,
      '--json',
    ]);

    const sure = body.suggestions.filter((each: { score: number }) => each.score >= 0.9);
    expect(sure.map((each: { field: string }) => each.field)).toEqual(
      expect.arrayContaining([
        'externalRef',
        'opportunityRef',
        'skuCode',
        'unitPrice',
        'validFrom',
        'validTo',
      ]),
    );
    expect(body.suggestions.map((each: { field: string }) => each.field)).not.toContain('quantity');
    expect(body.missing).toEqual([]);
    expect(JSON.parse(out).suggestions).toEqual(body.suggestions);
  });

  test('a system that is away is described as it described itself last, and says since when', async () => {
    const path = '/connections/crm/objects/OpportunityLineItem/fields';
    const live = await company.get(path);
    await company.harness.twins.salesforce.faults({
      action: 'status',
      status: 503,
      match: { path: 'describe' },
    });

    const kept = await company.get(path);
    const sides = await company.get(`/mappings/${LINE}/fields`);
    await company.harness.twins.salesforce.faults();

    expect(live.body).toMatchObject({ live: true, note: null });
    expect(kept.body).toMatchObject({ live: false, fields: live.body.fields });
    expect(kept.body.note).not.toBeNull();
    expect(Date.parse(kept.body.asOf)).toBeLessThanOrEqual(Date.now());
    expect([sides.body.source.live, sides.body.target.object]).toEqual([false, 'opportunityLine']);
  });

  test('nouns are described from their schema', async () => {
    const { body } = await company.get('/nouns/orderLine/fields');

    const byName = Object.fromEntries(
      body.fields.map((each: { name: string }) => [each.name, each]),
    );
    expect(byName['externalRef']).toMatchObject({ key: true, required: true, type: 'text' });
    expect(byName['validTo']).toMatchObject({ required: false, type: 'date', label: 'Valid to' });
    expect(byName['quantity']).toMatchObject({ type: 'decimal' });
    expect((await company.get('/nouns/nothing/fields')).status).toBe(404);
  });
});

describe('a record of a person', () => {
  const USER = 'scim.user';

  test('is shown in masks to a viewer, in a preview and in what a shadow run kept, and whole to an editor', async () => {
    await company.harness.pull('people');
    const { tenantId } = company.harness.caller;
    const [viewer, editor] = [
      await company.api.person(tenantId, ['viewer']),
      await company.api.person(tenantId, ['editor']),
    ];
    const text = overrideOf(USER, '  displayName: { from: src.userName }\n');
    const ask = async (path: string, { key }: { readonly key: string }, body?: object) =>
      company.api.call(body === undefined ? 'GET' : 'POST', `/api/v1${path}`, { key, ...(body === undefined ? {} : { body }) }); // prettier-ignore
    const [seen, whole] = [
      await ask(`/mappings/${USER}:preview`, viewer, { text, sample: 3 }),
      await ask(`/mappings/${USER}:preview`, editor, { text, sample: 3 }),
    ];
    const run = await ask(`/mappings/${USER}:shadow`, editor, { text, records: 50 });
    const kept = await ask(`/shadow-runs/${run.body.id}/differences?limit=5`, viewer);

    const names = whole.body.records.map(({ source }: { source: { userName: string } }) => source.userName); // prettier-ignore
    expect([seen.status, run.status, names.length]).toEqual([200, 200, 3]);
    expect(kept.body.data.length).toBeGreaterThan(0);
    for (const name of names) {
      expect(JSON.stringify(whole.body.records)).toContain(name);
      expect(JSON.stringify(seen.body.records)).not.toContain(name);
      expect(JSON.stringify(kept.body)).not.toContain(name);
    }
    expect(seen.body.records.map((each: { id: string }) => each.id)).toEqual(whole.body.records.map((each: { id: string }) => each.id)); // prettier-ignore
  });
});
