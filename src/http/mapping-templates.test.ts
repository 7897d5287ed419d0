import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { mappingStory, tagOf, type MappingStory } from '../../test/support/mapping-story.ts';

// Mappings that begin with the rows of another, and the history of one row, through the API.

let story: MappingStory;

beforeAll(async () => {
  story = await mappingStory();
});
afterAll(() => story?.api.close());
beforeEach(() => story.next());

const begin = (body: object, key = story.ana) =>
  story.api.call('POST', '/api/v1/mappings', { key, body });

describe('a mapping that begins with another', () => {
  test('has its rows, comments and tests, version 1, an id and an object of its own, and is only a draft', async () => {
    await story.published();
    const id = `${story.own}-copy`;
    const made = await begin({ template: story.own, id, title: 'Parts', object: 'Part' });
    const shown = await story.get(`mappings/${id}`);

    expect([made.status, made.headers.get('location')]).toEqual([
      201,
      `/api/v1/mappings/${id}/draft`,
    ]);
    expect(tagOf(made)).not.toBe('');
    expect(made.body.document).toMatchObject({
      id,
      version: 1,
      title: 'Parts',
      source: { connection: 'acme', object: 'Part' },
      fields: { skuCode: { from: 'src.Code' } },
    });
    expect(made.body.text).toContain('# why: our part numbers live elsewhere');
    expect(made.body.text).toContain('# as printed');
    expect(shown.body).toMatchObject({ live: null, draft: { revision: 1, baseVersion: null } });
  });

  test('of a shipped one stands alone, with its tests: a newer release changes nothing in it', async () => {
    const id = `${story.own}-shipped`;
    const made = await begin({ template: 'salesforce.account', id, object: 'Partner__c' });
    const shipped = (await story.get('mappings/salesforce.account')).body.document;

    expect(made.status).toBe(201);
    expect(made.body.document.fields).toEqual(shipped.fields);
    expect(made.body.document.tests).toEqual(shipped.tests);
    expect(made.body.text).not.toContain('extends:');
    expect(made.body.document.title).toBe(`${shipped.title}, our own`);
  });

  test('is refused over the same records, under a taken or bad id, of nothing, and for who may not write', async () => {
    await story.published();
    const id = `${story.own}-two`;
    const refused = [
      await begin({ template: story.own, id }),
      await begin({ template: story.own, id, connection: 'acme' }),
      await begin({ template: story.own, id: story.own, object: 'Part' }),
      await begin({ template: story.own, id: 'Not an id', object: 'Part' }),
      await begin({ template: 'own.nothing', id, object: 'Part' }),
      await begin({ template: story.own, id, object: 'Part' }, story.viewer),
    ];

    expect(refused.map(({ status }) => status)).toEqual([422, 422, 409, 422, 404, 403]);
    expect(refused[0]?.body.detail).toContain('the same records');
    expect(refused[0]?.body.errors).toEqual([
      expect.objectContaining({ pointer: '/source', code: 'same_records' }),
    ]);
    expect((await story.get(`mappings/${id}`)).status).toBe(404);
  });

  test('outbound may be for one connection, where the other one is for all of its system', async () => {
    const template = 'netsuite.order-to-sales-order';
    const id = `${story.own}-out`;
    const same = await begin({ template, id });
    const own = await begin({ template, id, connection: 'erp-eu' });

    expect([same.status, own.status]).toEqual([422, 201]);
    expect(own.body.document.target).toMatchObject({ connection: 'erp-eu', object: 'salesOrder' });
  });
});

describe('the history of a row', () => {
  const history = (row: string) => story.get(`mappings/${story.own}/rows/${row}/history`);

  test('tells the versions that changed it and no others, who did it and why, newest first', async () => {
    await story.published();
    for (const [version, row] of [
      [2, '  metricCode: { value: user }\n'],
      [3, '  metricCode: { value: core }\n'],
    ] as const) {
      await story.put({ text: story.text(row, version), baseVersion: version - 1 }, 'none');
      const { id, hash } = (await story.submit()).body;
      await story.decide(id, 'approve', story.ben, { hash });
      await story.decide(id, 'publish', story.ben, {});
    }
    const metric = await history('metricCode');
    const code = await history('skuCode');

    expect(metric.body.data).toMatchObject([
      { version: 3, inEffect: true, note: 'as agreed', publishedBy: expect.any(String) },
      { version: 2, inEffect: false, changeId: expect.any(String) },
    ]);
    expect(metric.body.data.map(({ differences }: { differences: readonly { text: string }[] }) => differences.map(({ text }) => text))).toEqual([
      ['metricCode is now the fixed value core; it was the fixed value user.'],
      ['metricCode is new: the fixed value user.'],
    ]); // prettier-ignore
    expect(code.body.data.map(({ version }: { version: number }) => version)).toEqual([1]);
  });

  test('is empty for a row that only the draft has; there is none of a row that never was', async () => {
    await story.published();
    await story.put({ text: story.text('  metricCode: { value: user }\n', 2), baseVersion: 1 }, 'none'); // prettier-ignore
    const drafted = await history('metricCode');
    const never = await history('edition');
    const nothing = await story.get('mappings/own.nothing/rows/skuCode/history');

    expect([drafted.status, drafted.body.data]).toEqual([200, []]);
    expect([never.status, nothing.status]).toEqual([404, 404]);
    expect(never.body.detail).toContain('never had a row "edition"');
    expect(nothing.body.detail).toContain('There is no mapping "own.nothing"');
  });
});
