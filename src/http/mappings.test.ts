import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { mappingStory, tagOf, type MappingStory } from '../../test/support/mapping-story.ts';
import type { JsonObject } from '../kernel/hash.ts';

// Drafts of mappings and who may approve them, through the API.

let story: MappingStory;

beforeAll(async () => {
  story = await mappingStory();
});
afterAll(() => story?.api.close());
beforeEach(() => story.next());

describe('a draft', () => {
  test('is kept as it was written, with its comments, and goes out as that text', async () => {
    const made = await story.begin();
    const back = await story.get(`mappings/${story.own}/draft`, { accept: 'application/yaml' });

    expect([made.status, made.body.revision, made.body.baseVersion]).toEqual([201, 1, null]);
    expect(back.text).toBe(story.text());
    expect(back.headers.get('content-type')).toContain('application/yaml');
  });

  test('that does not fit is refused with every problem, and nothing is stored', async () => {
    const refused = await story.api.call('POST', '/api/v1/mappings', {
      key: story.ana,
      body: { text: story.text('  skuKode: { from: src.X }\n') },
    });
    const after = await story.get(`mappings/${story.own}/draft`);

    expect(refused.status).toBe(422);
    expect(refused.headers.get('content-type')).toContain('application/problem+json');
    expect(refused.body.errors).toEqual([
      expect.objectContaining({
        row: 'skuKode',
        pointer: '/fields/skuKode',
        code: 'unknown_target_field',
        hint: expect.stringContaining('skuCode'),
        line: 10,
      }),
    ]);
    expect(after.status).toBe(404);
  });

  test('is the same whether it comes as text or as the document', async () => {
    const { document } = (await story.begin()).body;
    const before = await story.get(`mappings/${story.own}/draft`);
    const after = await story.put({ document }, tagOf(before));

    expect(after.body.hash).toBe(before.body.hash);
  });

  test('is not overwritten by somebody who did not see it', async () => {
    const seen = tagOf(await story.begin());
    const first = await story.put({ text: story.text('  metricCode: { from: src.F }\n') }, seen);
    const second = await story.put({ text: story.text() }, seen, story.cleo);
    const unseen = await story.api.call('PUT', `/api/v1/mappings/${story.own}/draft`, {
      key: story.cleo,
      body: { text: story.text() },
    });
    const again = await story.put({ text: story.text() }, 'none', story.cleo);

    expect([first.status, second.status, unseen.status, again.status]).toEqual([
      200, 412, 428, 412,
    ]);
    expect(tagOf(first)).not.toBe(seen);
    expect((await story.get(`mappings/${story.own}/draft`)).body.text).toContain('metricCode');
  });

  test('of a version in effect says which one it was written over, or a text from before would undo the last', async () => {
    await story.published();
    const text = story.text('', 2);
    const silent = await story.put({ text }, 'none');
    const old = await story.put({ text, baseVersion: 9 }, 'none');
    const said = await story.put({ text, baseVersion: 1 }, 'none');

    expect([silent.status, old.status, said.status]).toEqual([409, 409, 200]);
    expect(silent.body.detail).toContain('baseVersion');
  });

  test('is edited row by row, and every line that is not concerned stays', async () => {
    const tag = tagOf(await story.begin());
    const edited = await story.api.call('PATCH', `/api/v1/mappings/${story.own}/draft`, {
      key: story.ana,
      headers: { 'if-match': tag },
      body: { edits: [{ op: 'set', row: 'name', value: { from: 'src.Title', steps: ['trim'] } }] },
    });
    const lines = edited.body.text.split('\n');

    expect(edited.body.document.fields.name).toEqual({ from: 'src.Title', steps: ['trim'] });
    expect(lines.slice(0, 8)).toEqual(story.text().split('\n').slice(0, 8));
  });

  test('of a shipped mapping begins with what is in effect, under the next number, if it is what the edits were begun over', async () => {
    const shipped = (await story.get('mappings/salesforce.account')).body;
    const edit = (baseVersion: number) =>
      story.api.call('PATCH', '/api/v1/mappings/salesforce.account/draft', {
        key: story.ana,
        headers: { 'if-none-match': '*' },
        body: { edits: [{ op: 'set', key: 'title', value: 'Customers' }], baseVersion },
      });
    const overtaken = await edit(shipped.live.version + 1);
    const edited = await edit(shipped.live.version);

    expect([shipped.live.origin, overtaken.status, edited.status]).toEqual(['shipped', 409, 200]);
    expect(edited.body.document.version).toBe(shipped.live.version + 1);
    expect(edited.body.baseVersion).toBe(shipped.live.version);
  });

  test('belongs to one mapping: a text with another id, or an id that is taken, is refused', async () => {
    const tag = tagOf(await story.begin());
    const other = await story.put({ text: story.text().replace(story.own, 'own.elsewhere') }, tag);
    const twice = await story.begin();

    expect([other.status, other.body.errors[0].code, twice.status]).toEqual([422, 'other_id', 409]);
  });

  test('goes away with its request', async () => {
    const { id } = await story.waiting();
    const draft = await story.get(`mappings/${story.own}/draft`);
    const gone = await story.api.call('DELETE', `/api/v1/mappings/${story.own}/draft`, {
      key: story.ana,
      headers: { 'if-match': tagOf(draft) },
    });

    expect([gone.status, (await story.get(`mappings/${story.own}/draft`)).status]).toEqual([
      200, 404,
    ]);
    expect((await story.get(`change-requests/${id}`)).body.state).toBe('withdrawn');
  });
});

describe('submitting', () => {
  test('is blocked while one of the mapping’s story.own tests is red', async () => {
    const red = 'tests:\n  - name: a product\n    given: { Code: A, Name: B }\n    expect: { skuCode: Z }\n'; // prettier-ignore
    const kept = await story.api.call('POST', '/api/v1/mappings', {
      key: story.ana,
      body: { text: story.text() + red },
    });
    const refused = await story.submit();
    const run = await story.api.call('POST', `/api/v1/mappings/${story.own}:test`, {
      key: story.viewer,
      body: {},
    });

    expect([kept.status, refused.status, refused.body.errors[0].code]).toEqual([
      201,
      422,
      'test_failed',
    ]);
    expect(run.body).toMatchObject({ ok: false, tests: [{ name: 'a product', passed: false }] });
  });

  test('freezes the content: an edit afterwards withdraws the request', async () => {
    const { id } = await story.waiting();
    const twice = await story.submit();
    const draft = await story.get(`mappings/${story.own}/draft`);
    const edited = await story.put(
      { text: story.text('  metricCode: { from: src.F }\n') },
      tagOf(draft),
      story.cleo,
    );
    const after = (await story.get(`change-requests/${id}`)).body;

    expect([twice.status, draft.body.state, edited.body.state]).toEqual([409, 'submitted', 'open']);
    expect(after).toMatchObject({ state: 'withdrawn', reason: expect.stringContaining('changed') });
  });

  test('is refused where another version came into effect since the draft was begun', async () => {
    await story.published();
    const tag = tagOf(
      await story.put(
        { text: story.text('  metricCode: { from: src.F }\n'), baseVersion: 1 },
        'none',
      ),
    );
    const mine = (await story.submit()).body;
    await story.decide(mine.id, 'approve', story.ben, { hash: mine.hash });
    await story.decide(mine.id, 'publish', story.ben, {});
    // Somebody's old copy: begun over version 1, and 2 is in effect.
    const old = await story.put(
      { text: story.text('  metricCode: { value: seat }\n'), baseVersion: 1 },
      'none',
    );
    const fresh = await story.put(
      { text: story.text('  metricCode: { value: seat }\n'), baseVersion: 2 },
      'none',
    );

    expect([tag === '', old.status, fresh.status]).toEqual([false, 409, 200]);
  });
});

describe('four eyes', () => {
  test('nobody approves what they wrote or submitted, with whatever key; somebody else does', async () => {
    const { id, hash } = await story.waiting();
    const tag = tagOf(await story.get(`mappings/${story.own}/draft`));
    const self = await story.decide(id, 'approve', story.ana, { hash });
    const other = await story.decide(id, 'approve', story.ben, { hash });
    // Cleo touches it, so it is hers too.
    await story.put({ text: story.text('  metricCode: { from: src.F }\n') }, tag, story.cleo);
    const second = (await story.submit(story.ana)).body;
    const editor = await story.decide(second.id, 'approve', story.cleo, { hash: second.hash });

    expect([self.status, self.body.code, other.status, editor.status]).toEqual([
      403,
      'forbidden',
      200,
      403,
    ]);
  });

  test('an approval is for the content that was looked at, and for no other', async () => {
    const { id } = await story.waiting();
    const wrong = await story.decide(id, 'approve', story.ben, { hash: 'f'.repeat(64) });

    expect([wrong.status, (await story.get(`change-requests/${id}`)).body.state]).toEqual([
      409,
      'waiting',
    ]);
  });

  test('nothing comes into effect without an approval', async () => {
    const { id } = await story.waiting();
    const tried = await story.decide(id, 'publish', story.cleo, {});

    expect([tried.status, (await story.get(`mappings/${story.own}`)).body.live]).toEqual([
      409,
      null,
    ]);
  });

  test('a company may do without, once two administrators want it; every step is audited', async () => {
    const rules = (key: string, verb: string, path = '', tag?: string, body?: object) =>
      story.api.call(verb, `/api/v1/mapping-rules${path}`, { key, ...(body === undefined ? {} : { body }), ...(tag === undefined ? {} : { headers: { 'if-match': tag } }) }); // prettier-ignore
    const read = await rules(story.cleo, 'GET');
    const blind = await rules(story.cleo, 'PUT', '', undefined, { secondPerson: false });
    const stale = await rules(story.cleo, 'PUT', '', '"another"', { secondPerson: false });
    const alone = await rules(story.cleo, 'PUT', '', tagOf(read), { secondPerson: false });
    const tight = await rules(story.cleo, 'PUT', '', tagOf(alone), { secondPerson: true });
    const dora = (await story.api.person('acme', ['admin'], 'Dora')).key;
    const asked = await rules(story.cleo, 'PUT', '', tagOf(tight), { secondPerson: false });
    const again = await rules(story.cleo, 'PUT', '', tagOf(tight), { secondPerson: false });
    const theirs = await rules(dora, 'PUT', '', tagOf(tight), { secondPerson: false });
    const request = `/requests/${asked.body.pending?.id}`;
    const self = await rules(story.cleo, 'POST', `${request}:confirm`);
    const before = await story.waiting();
    const early = await story.decide(before.id, 'approve', story.ana, { hash: before.hash });
    const off = await rules(dora, 'POST', `${request}:confirm`);
    const twice = await rules(dora, 'POST', `${request}:confirm`);
    const { id, hash } = before;
    const own = await story.decide(id, 'approve', story.ana, { hash });
    await rules(dora, 'PUT', '', tagOf(off), { secondPerson: true });
    const late = await story.decide(id, 'publish', story.ben, {});
    const declined = await rules(story.cleo, 'PUT', '', tagOf(tight), { secondPerson: false });
    await rules(dora, 'POST', `/requests/${declined.body.pending?.id}:decline`);
    const entries = await story.api.deps.store.withTenant('acme', (tx) =>
      tx.sql<{ action: string; details: JsonObject }>(
        `select action, details from audit_event where action like 'mapping_rules.%' order by id`,
      ),
    );

    expect([blind.status, stale.status, alone.status, tight.status]).toEqual([428, 412, 200, 200]);
    expect(alone.body).toMatchObject({ secondPerson: false, pending: null });
    expect(alone.body.notice).toMatch(/only administrator/);
    expect([asked.status, asked.body.secondPerson]).toEqual([202, true]);
    expect(again.body.pending?.id).toBe(asked.body.pending?.id);
    expect([theirs.status, self.status, early.status]).toEqual([409, 403, 403]);
    expect([off.status, off.body.secondPerson, off.body.pending]).toEqual([200, false, null]);
    expect(twice.status).toBe(409);
    // An approval of one's own does not outlast the time in which one person was enough.
    expect([own.status, late.status]).toEqual([200, 409]);
    expect(entries.map(({ action, details }) => [action.split('.')[1], details['confirmedBy'] ?? details['requestedBy'] ?? null])).toEqual([
      ['changed', 'nobody: the only administrator'],
      ['changed', null],
      ['change-requested', null],
      ['changed', asked.body.pending?.requestedBy],
      ['changed', null],
      ['change-requested', null],
      ['change-declined', null],
    ]); // prettier-ignore
  });
});

describe('who may do what', () => {
  test('a story.viewer reads; writing, approving and publishing are rights of their own', async () => {
    const { id, hash } = await story.waiting();
    const editor = (await story.api.person('acme', ['editor'], 'Edda')).key;
    const answers = [
      await story.api.call('POST', '/api/v1/mappings', {
        key: story.viewer,
        body: { text: story.text() },
      }),
      await story.decide(id, 'approve', editor, { hash }),
      await story.decide(id, 'publish', editor, {}),
      await story.api.call('PUT', '/api/v1/mapping-rules', {
        key: editor,
        body: { secondPerson: false },
      }),
      await story.get(`mappings/${story.own}`),
    ];

    expect(answers.map(({ status }) => status)).toEqual([403, 403, 403, 403, 200]);
  });

  test('another company sees nothing of it', async () => {
    await story.published();
    const stranger = (await story.api.person('globex', ['admin'])).key;
    const answer = await story.api.call('GET', `/api/v1/mappings/${story.own}`, { key: stranger });

    expect(answer.status).toBe(404);
  });
});
