import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { mappingStory, tagOf, type MappingStory } from '../../test/support/mapping-story.ts';

// What becomes of requests for mappings: decisions, publication, roll back, other environments.

let story: MappingStory;

beforeAll(async () => {
  story = await mappingStory();
});
afterAll(() => story?.api.close());
beforeEach(() => story.next());
const audited = () =>
  story.api.deps.store.withTenant('acme', async (tx) => {
    const rows = await tx.sql<{ action: string }>(
      `select action from audit_event where subject_id = $1 order by id`,
      [story.own],
    );
    return rows.map(({ action }) => action);
  });

const told = () =>
  story.api.deps.store.withTenant('acme', (tx) =>
    tx.sql(`select v.type, v.data from hub_event v where v.subject = $1`, [`mapping:${story.own}`]),
  );

describe('a request', () => {
  test('goes back with what is to be done, and the draft is open again', async () => {
    const { id } = await story.waiting();
    const requests = async () => (await story.get('status')).body.waiting.mappingRequests;
    const before = await requests();
    const back = await story.decide(id, 'return', story.ben, { comment: 'the test is missing' });
    expect([before, await requests()]).toEqual([1, 0]);
    const said = await story.api.call('POST', `/api/v1/change-requests/${id}/comments`, {
      key: story.viewer,
      body: { body: 'agreed' },
    });
    const shown = (await story.get(`change-requests/${id}`)).body;

    expect([back.body.state, said.status]).toEqual(['returned', 201]);
    expect(shown.comments.map(({ body }: { body: string }) => body)).toEqual([
      'the test is missing',
      'agreed',
    ]);
    expect((await story.get(`mappings/${story.own}/draft`)).body.state).toBe('open');
    expect((await story.submit()).status).toBe(201);
  });

  test('is declined by who may approve, withdrawn only by who wrote it', async () => {
    const first = await story.waiting();
    const stranger = await story.decide(first.id, 'withdraw', story.cleo);
    const withdrawn = await story.decide(first.id, 'withdraw', story.ana);
    const second = (await story.submit()).body;
    const declined = await story.decide(second.id, 'decline', story.ben, { comment: 'not needed' });
    const late = await story.decide(second.id, 'approve', story.ben, { hash: second.hash });

    expect([stranger.status, withdrawn.body.state, declined.body.state, late.status]).toEqual([
      403,
      'withdrawn',
      'declined',
      409,
    ]);
  });

  test('is made of the revision that its writer saw, where the writer says which', async () => {
    const seen = tagOf(await story.begin());
    await story.put({ text: story.text('  active: { value: true }\n') }, seen, story.cleo);
    const submit = (tag: string) =>
      story.api.call('POST', `/api/v1/mappings/${story.own}:submit`, {
        key: story.ana,
        headers: { 'if-match': tag },
        body: {},
      });

    const unseen = await submit(seen);
    const now = tagOf(await story.get(`mappings/${story.own}/draft`));

    expect(unseen.status).toBe(412);
    expect((await submit(now)).status).toBe(201);
  });

  test('is listed with its state, and shown with what it changes in words', async () => {
    const { id } = await story.waiting();
    const list = await story.get(`change-requests?state=waiting&mapping=${story.own}`);
    const { differences, checks } = (await story.get(`change-requests/${id}`)).body;

    expect(list.body.data.map((each: { id: string }) => each.id)).toEqual([id]);
    expect(differences.map((each: { text: string }) => each.text)).toContain(
      'skuCode is new: from src.Code.',
    );
    expect(checks.map((each: { name: string }) => each.name)).toEqual([
      'fits',
      'coverage',
      'tests',
      'types',
    ]);
  });
});

describe('publishing', () => {
  test('puts the approved content in effect as the next version, and each step is audited', async () => {
    const { change } = await story.published();
    const shown = (await story.get(`mappings/${story.own}`)).body;
    const versions = (await story.get(`mappings/${story.own}/versions`)).body.data;

    expect(change).toMatchObject({ state: 'published', publishedVersion: 1 });
    expect(shown).toMatchObject({ live: { version: 1, origin: 'published' }, draft: null });
    expect(shown.text).toBe(story.text());
    expect(versions).toMatchObject([{ version: 1, inEffect: true, changeId: change.id }]);
    expect(await audited()).toEqual([
      'mapping.draft-saved',
      'mapping.submitted',
      'mapping.change-approved',
      'mapping.published',
    ]);
    expect(await told()).toEqual([{ type: 'mapping.published', data: { mappingId: story.own, version: 1, changeId: change.id } }]); // prettier-ignore
  });

  test('at a time to come waits for it, and a past one is refused', async () => {
    const { id, hash } = await story.waiting();
    await story.decide(id, 'approve', story.ben, { hash });
    const past = await story.decide(id, 'publish', story.ben, { at: '2020-01-01T00:00:00Z' });
    const at = new Date(Date.now() + 3_600_000).toISOString();
    const later = await story.decide(id, 'publish', story.ben, { at });
    const work = await story.api.deps.store.withTenant('acme', (tx) =>
      tx.sql<{ notBefore: Date }>(
        `select not_before as "notBefore" from outbox where job = 'publish-mapping' and key = $1`,
        [id],
      ),
    );

    expect([past.status, later.body.change.state]).toEqual([422, 'scheduled']);
    expect(work.map(({ notBefore }) => notBefore.toISOString())).toEqual([at]);
    expect((await story.get(`mappings/${story.own}`)).body.live).toBeNull();
  });

  test('the differences of any two contents are told, also of the draft to what is in effect', async () => {
    await story.published();
    await story.put(
      { text: story.text('  metricCode: { from: src.F }\n'), baseVersion: 1 },
      'none',
    );
    const open = await story.get(`mappings/${story.own}/diff`);
    const same = await story.get(`mappings/${story.own}/diff?from=1&to=live`);
    const unknown = await story.get(`mappings/${story.own}/diff?from=7&to=live`);

    expect(open.body).toMatchObject({ from: 'live', to: 'draft' });
    expect(open.body.differences).toMatchObject([{ kind: 'row_added', row: 'metricCode' }]);
    expect([same.body.differences, unknown.status]).toEqual([[], 404]);
  });
});

describe('a roll back', () => {
  const second = async () => {
    await story.published();
    await story.put(
      { text: story.text('  metricCode: { from: src.F }\n'), baseVersion: 1 },
      'none',
    );
    const { id, hash } = (await story.submit()).body;
    await story.decide(id, 'approve', story.ben, { hash });
    await story.decide(id, 'publish', story.ben, {});
  };
  const rollBack = (body: object) =>
    story.api.call('POST', `/api/v1/mappings/${story.own}:rollback`, { key: story.ana, body });

  test('says first what it would change, and changes nothing', async () => {
    await second();
    const dry = await rollBack({ version: 1, dryRun: true });

    expect(dry.body).toMatchObject({
      change: null,
      preview: {
        from: 2,
        to: 1,
        undone: [2],
        facts: { records: 0, complete: true },
        records: null,
      },
    });
    expect(dry.body.preview.differences).toMatchObject([
      { kind: 'row_removed', row: 'metricCode' },
    ]);
    expect((await story.get(`mappings/${story.own}`)).body.live.version).toBe(2);
  });

  test('is a new version with the old content, and takes a second person', async () => {
    await second();
    const asked = await rollBack({ version: 1, restore: true, note: 'wrong metric' });
    const { id, hash } = asked.body.change;
    const self = await story.decide(id, 'approve', story.ana, { hash });
    await story.decide(id, 'approve', story.ben, { hash });
    const done = await story.decide(id, 'publish', story.ben, {});
    const shown = (await story.get(`mappings/${story.own}`)).body;
    const created = await story.get(`change-requests/${id}/created`);

    expect([asked.status, self.status]).toEqual([201, 403]);
    expect(done.body.change).toMatchObject({ publishedVersion: 3, rolledBackTo: 1 });
    expect(shown.live.version).toBe(3);
    expect(shown.text).toBe(story.text('', 3));
    expect(created.body.data).toEqual([]);
    expect(await audited()).toContain('mapping.rolled-back');
  });

  test('to what is in effect already is refused, and to a version that never was', async () => {
    await second();
    const same = await rollBack({ version: 2 });
    const never = await rollBack({ version: 9 });

    expect([same.status, never.status]).toEqual([409, 404]);
  });
});

describe('mappings of another environment', () => {
  test('are exported as one text, and that text imports as no difference', async () => {
    await story.published();
    const out = await story.api.call('GET', '/api/v1/mappings:export', {
      key: story.viewer,
      headers: { accept: 'application/yaml' },
    });
    const back = await story.api.call('POST', '/api/v1/mappings:import', {
      key: story.ana,
      body: { text: out.text, dryRun: true },
    });

    expect(out.text).toContain('# why: our part numbers live elsewhere');
    expect(new Set(back.body.mappings.map((each: { state: string }) => each.state))).toEqual(
      new Set(['same']),
    );
    expect(back.body.mappings[0].missingConnections).toEqual(['acme']);
  });

  test('come in as drafts, all of them or none, and nothing is in effect by it', async () => {
    await story.published();
    const changed = story.text('  metricCode: { from: src.F }\n');
    const fresh = story.text().replaceAll(story.own, `${story.own}-new`);
    const body = { text: `${changed}---\n${fresh}` };
    const broken = { text: `${body.text}---\nid: story.own.broken\n` };
    const refused = await story.api.call('POST', '/api/v1/mappings:import', {
      key: story.ana,
      body: broken,
    });
    const none = await story.get(`mappings/${story.own}/draft`);
    const dry = await story.api.call('POST', '/api/v1/mappings:import', {
      key: story.ana,
      body: { ...body, dryRun: true },
    });
    const done = await story.api.call('POST', '/api/v1/mappings:import', { key: story.ana, body });

    expect([refused.status, none.status]).toEqual([422, 404]);
    expect(refused.body.errors[0].pointer).toMatch(/^\/2/);
    expect(dry.body.mappings).toMatchObject([
      { id: story.own, state: 'changed', differences: [{ row: 'metricCode' }] },
      { id: `${story.own}-new`, state: 'new' },
    ]);
    expect(done.body.drafts).toEqual([story.own, `${story.own}-new`]);
    expect((await story.get(`mappings/${story.own}`)).body).toMatchObject({
      live: { version: 1 },
      draft: { state: 'open' },
    });
  });
});
