import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startHarness, type Harness } from '../../../test/support/flow-harness.ts';
import { factsOf } from '../../ledger/facts.ts';
import { replaysOf } from '../../intake/replays.ts';
import { listQuarantine } from '../../intake/quarantine.ts';
import { editMappingText } from '../../mapping/language/edit-mapping-text.ts';
import type { MappingEdit } from '../../mapping/language/mapping-edit.ts';
import { liveVersion } from '../../mapping/versions.ts';
import { systemCaller, type Caller } from '../../security/caller.ts';
import { ValidationError, type HubError } from '../../kernel/errors.ts';
import { approveChange, withdrawChange } from './decide-change.ts';
import { publishChange } from './publish-change.ts';
import { replayMapping } from './replay-mapping.ts';
import { previewRollBack, rollBackMapping } from './roll-back-mapping.ts';
import { saveDraft } from './save-draft.ts';
import { submitMapping } from './submit-mapping.ts';

// What a mapping that comes into effect does with what has landed: the real store, plug-ins and twins.

const ACCOUNT = 'salesforce.account';

let world: Harness;
let ana: Caller;
let ben: Caller;

beforeAll(async () => {
  world = await startHarness();
  const { tenantId } = world.caller;
  [ana, ben] = [systemCaller(tenantId, 'ana'), systemCaller(tenantId, 'ben')];
  await world.pull('crm');
}, 90_000);
afterAll(() => world?.stop());

const live = (id: string) => world.inTx((tx) => liveVersion(tx, world.deps.mappings, id));
async function approved(id: string, edits: readonly MappingEdit[], replay = true) {
  const text = editMappingText((await live(id))?.text ?? '', [...edits, { op: 'remove', key: 'tests' }]); // prettier-ignore
  await saveDraft(world.deps, ana, { id, seen: 'none', text });
  const change = await submitMapping(world.deps, ana, { id, note: '', replay });
  return approveChange(world.deps, ben, { id: change.id, hash: change.hash });
}
async function publish(id: string, edits: readonly MappingEdit[], replay = true) {
  const change = await approved(id, edits, replay);
  return publishChange(world.deps, ben, { id: change.id });
}
const replays = (id: string) => world.inTx((tx) => replaysOf(tx, id, { limit: 10 }));
const names = async () => {
  const facts = await world.inTx((tx) => factsOf(tx, 'organization', { connection: 'crm' }));
  return new Map(facts.map((fact) => [fact.externalRef, fact.body.legalName]));
};
const landedCount = async () => {
  const rows = await world.inTx((tx) =>
    tx.sql<{ n: number }>(
      `select count(*)::int as n from source_record where connection = 'crm' and stream = 'Account'`,
    ),
  );
  return rows[0]?.n ?? 0;
};
const readsOfVendor = async <T>(work: () => Promise<T>) => {
  const pages: string[] = [];
  const { afterPage } = world.hooks;
  world.hooks.afterPage = async (stream) => void pages.push(stream);
  const result = await work();
  world.hooks.afterPage = afterPage;
  return { pages, result };
};

describe('what has landed, once another version is in effect', () => {
  test('is mapped again without a call to its system, every record once, and counted exactly', async () => {
    const before = await names();
    const { pages, result } = await readsOfVendor(async () => {
      const done = await publish(ACCOUNT, [
        { op: 'set', row: 'legalName', value: { expr: '"The " + src.Name' } },
      ]);
      await world.drain();
      return done;
    });
    const [replay] = await replays(ACCOUNT);
    const after = await names();

    expect(pages).toEqual([]);
    expect(result.replays).toEqual([replay?.runId]);
    expect(replay).toMatchObject({
      status: 'succeeded',
      records: await landedCount(),
      done: await landedCount(),
      failed: 0,
      facts: before.size,
    });
    expect(after).toEqual(new Map([...before].map(([ref, name]) => [ref, `The ${name}`])));
  });

  test('is not mapped again where nobody asks for it', async () => {
    const before = await names();
    await publish(ACCOUNT, [{ op: 'set', row: 'legalName', value: { from: 'src.Name' } }], false);
    await world.drain();

    expect(await names()).toEqual(before);
    const asked = [1, 2].map(() => replayMapping(world.deps, ana, { id: ACCOUNT, scope: 'all' }));
    const [one, other] = (await Promise.all(asked)).map((each) => each.replays[0]);
    await world.drain();
    const { replays: [later] } = await replayMapping(world.deps, ana, { id: ACCOUNT, scope: 'all' }); // prettier-ignore
    await world.drain();

    expect([...(await names()).values()].some((name) => name.startsWith('The '))).toBe(false);
    expect([one?.runId, one?.records]).toEqual([other?.runId, other?.records]);
    expect(one?.underWay).toBe(other?.underWay === false);
    expect(later).toMatchObject({ records: one?.records, underWay: false });
    expect(later?.runId).not.toBe(one?.runId);
  });

  test('and failed is tried again together, as many as there are, once the cause is mended', async () => {
    await publish(ACCOUNT, [
      {
        op: 'set',
        row: 'legalName',
        value: { from: 'src.Name', lookup: 'nobody', onMissing: 'error' },
      },
    ]);
    await world.drain();
    const open = () => world.inTx((tx) => listQuarantine(tx, { status: 'open', limit: 1_000 }));
    const failed = (await open()).filter((each) => each.mappingId === ACCOUNT).length;
    const [broken] = await replays(ACCOUNT);
    await publish(ACCOUNT, [{ op: 'set', row: 'legalName', value: { from: 'src.Name' } }], false);
    // Three of them failed of something else.
    const [few] = await world.inTx((tx) => tx.sql<{ cause: string }>(`update quarantine set code = 'other' where id in (select id from quarantine where status = 'open' and mapping_id = $1 order by id limit 3) returning cause`, [ACCOUNT])); // prettier-ignore
    const cause = { id: ACCOUNT, scope: 'cause', cause: few?.cause ?? '' } as const;
    const { replays: [ofCause] } = await replayMapping(world.deps, ana, cause); // prettier-ignore
    await world.drain();
    const [mendedOfCause] = await replays(ACCOUNT);
    const left = (await open()).filter((each) => each.mappingId === ACCOUNT).length;
    const { replays: [started] } = await replayMapping(world.deps, ana, { id: ACCOUNT, scope: 'failed' }); // prettier-ignore
    await world.drain();
    const [mended] = await replays(ACCOUNT);

    expect(failed).toBeGreaterThan(5);
    expect(broken).toMatchObject({ failed, facts: 0 });
    expect([ofCause?.records, left]).toEqual([3, failed - 3]);
    expect(mendedOfCause).toMatchObject({
      scope: 'cause',
      cause: few?.cause,
      records: 3,
      failed: 0,
    });
    expect(started?.records).toBe(failed - 3);
    expect(mended).toMatchObject({
      scope: 'failed',
      records: failed - 3,
      failedBefore: failed - 3,
      failed: 0,
    });
    expect((await open()).filter((each) => each.mappingId === ACCOUNT)).toEqual([]);
  });
});

describe('submitting', () => {
  test('holds a mapping to the fields that its system has: a path that is not there is named with what was meant', async () => {
    const text = editMappingText((await live(ACCOUNT))?.text ?? '', [
      { op: 'set', row: 'legalName', value: { from: 'src.Nmae' } },
      { op: 'remove', key: 'tests' },
    ]);
    await saveDraft(world.deps, ana, { id: ACCOUNT, seen: 'none', text });
    const refused = await submitMapping(world.deps, ana, { id: ACCOUNT, note: '', replay: true }).catch((error: HubError) => error); // prettier-ignore
    await world.inTx((tx) => tx.run(`delete from mapping_draft`));

    expect(refused).toBeInstanceOf(ValidationError);
    expect((refused as HubError).details['problems']).toEqual([
      expect.objectContaining({
        row: 'legalName',
        pointer: '/fields/legalName/from',
        hint: expect.stringContaining('Name'),
      }),
    ]);
  });

  test('keeps with the request what would move', async () => {
    const { impact, checks, id } = await approved(ACCOUNT, [
      { op: 'set', row: 'legalName', value: { expr: '"X " + src.Name' } },
    ]);
    await withdrawChange(world.deps, ana, id);
    await world.inTx((tx) => tx.run(`delete from mapping_draft`));

    expect(impact).not.toBeNull();
    expect(checks.map(({ name, ok }) => [name, ok])).toContainEqual(['types', true]);
  });
});

describe('a scheduled change', () => {
  test('comes into effect once its time has come, once, whoever asks how often', async () => {
    const change = await approved(ACCOUNT, [{ op: 'set', key: 'title', value: 'Scheduled' }]);
    const before = (await live(ACCOUNT))?.version ?? 0;
    const clock = await world.inTx((tx) => tx.clock());
    const at = new Date(clock.getTime() + 3_600_000);
    await publishChange(world.deps, ben, { id: change.id, at });
    // The queue may wake it early: the time that counts is the request's own.
    await world.drain({ skipWaits: true, without: [] }).catch(() => undefined);
    const early = (await live(ACCOUNT))?.version;
    await world.inTx((tx) =>
      tx.run(`update mapping_change set publish_at = app.clock() where id = $1`, [change.id]),
    );
    await world.inTx((tx) =>
      tx.run(`update outbox set not_before = app.clock() where job = 'publish-mapping'`),
    );
    await world.drain();
    await world.inTx((tx) =>
      tx.run(
        `insert into outbox (tenant_id, job, key, payload) values ($1, 'publish-mapping', $2, $3)`,
        [tx.tenantId, change.id, JSON.stringify({ changeId: change.id })],
      ),
    );
    await world.drain();

    expect(early).toBe(before);
    expect((await live(ACCOUNT))?.version).toBe(before + 1);
    expect((await live(ACCOUNT))?.document.title).toBe('Scheduled');
  });

  test('that cannot be published any more goes back with the reason', async () => {
    const late = await approved(ACCOUNT, [{ op: 'set', key: 'title', value: 'Late' }]);
    const at = new Date((await world.inTx((tx) => tx.clock())).getTime() + 60_000);
    await publishChange(world.deps, ben, { id: late.id, at });
    const shipped = world.deps.mappings.find(ACCOUNT)?.document.version ?? 0;
    const back = await rollBackMapping(world.deps, ana, { id: ACCOUNT, version: shipped, restore: false, note: '' }); // prettier-ignore
    await approveChange(world.deps, ben, { id: back.change.id, hash: back.change.hash });
    await publishChange(world.deps, ben, { id: back.change.id });
    await world.inTx(async (tx) => {
      await tx.run(`update mapping_change set publish_at = app.clock() where id = $1`, [late.id]);
      await tx.run(`update outbox set not_before = app.clock() where job = 'publish-mapping'`);
    });
    await world.drain();
    const [row] = await world.inTx((tx) =>
      tx.sql<{ state: string; reason: string }>(
        `select c.state, c.reason from mapping_change c where c.id = $1`,
        [late.id],
      ),
    );

    expect(row?.state).toBe('returned');
    expect(row?.reason).toContain('in effect');
    await world.inTx((tx) => tx.run(`delete from mapping_draft`));
  });
});

describe('a roll back of an inbound mapping', () => {
  test('counts first how many records would change, and gives every fact back', async () => {
    const before = await names();
    const base = (await live(ACCOUNT))?.version ?? 0;
    await publish(ACCOUNT, [{ op: 'set', row: 'legalName', value: { value: 'One name' } }]);
    await world.drain();
    const spoilt = await names();
    const preview = await previewRollBack(world.deps, ana, { id: ACCOUNT, version: base });
    const { change } = await rollBackMapping(world.deps, ana, { id: ACCOUNT, version: base, restore: true, note: 'oops' }); // prettier-ignore
    await approveChange(world.deps, ben, { id: change.id, hash: change.hash });
    await publishChange(world.deps, ben, { id: change.id });
    await world.drain();

    expect(new Set(spoilt.values())).toEqual(new Set(['One name']));
    expect(preview.facts).toMatchObject({
      records: await landedCount(),
      changed: before.size,
      complete: true,
    });
    expect(await names()).toEqual(before);
  });
});
