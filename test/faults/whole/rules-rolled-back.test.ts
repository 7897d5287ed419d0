import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { decideWriteHold } from '../../../src/app/flows/decide-write-hold.ts';
import { listWriteHolds } from '../../../src/app/flows/list-write-holds.ts';
import { CommerceSettings, putSettings } from '../../../src/app/flows/put-settings.ts';
import { putWriteLimits } from '../../../src/app/flows/put-write-limits.ts';
import { replayMapping } from '../../../src/app/flows/replay-mapping.ts';
import { proposeRun } from '../../../src/app/propose-effects.ts';
import { deliverWork, request } from '../../../src/app/request.ts';
import { StoreUnavailable } from '../../../src/kernel/errors.ts';
import type { JsonObject } from '../../../src/kernel/hash.ts';
import { textOf } from '../../support/company-twins.ts';
import { dealStory, type DealStory } from '../../support/deal-story.ts';
import { undoStory, type UndoStory } from '../../support/undo-story.ts';
import { subjectOf } from '../harness-subject.ts';
import { violations } from '../i1-to-i8.ts';

// Rules that change, and are rolled back, while work goes on by them: the whole program over real twins and a real store,
// without its edges; I1 to I8 after each case.

const LIMIT_MS = 240_000;
const MAPPING = 'salesforce.account';
/** How often the new version is asked for before the work is cut off: fewer times than there are pages. */
const ASKED = 3;
const PAGE = 20;
/** The version that makes capitals of names. */
const LOUD = 2;

let story: UndoStory;
let deals: DealStory;
const world = () => story.world;
beforeAll(async () => {
  story = await undoStory();
  deals = dealStory(world());
  for (const each of ['crm', 'erp']) await world().pull(each);
}, LIMIT_MS);
afterEach(async () => {
  await world().twins.salesforce.faults();
  await world().pull('crm');
  const problems = await violations(subjectOf(world(), ['Account', 'Opportunity']));
  if (problems.length > 0) throw new Error(problems.join('\n'));
}, LIMIT_MS);
afterAll(() => story?.world.stop());

interface Fact {
  readonly ref: string;
  readonly version: number;
  readonly body: JsonObject;
  readonly record: JsonObject;
}

const factsNow = () =>
  world().inTx((tx) =>
    tx.sql<Fact>(
      `select f.external_ref as ref, f.mapping_version as version, f.body, r.data as record from fact f
       join source_record r on r.connection = f.connection and r.stream = f.stream and r.record_id = f.record_id
       where f.mapping_id = $1 and f.recorded_to = 'infinity' order by 1`,
      [MAPPING],
    ),
  ); // prettier-ignore

/** What the version that a fact says decided it makes of the record that it says it came from. */
const madeBy = ({ version, record }: Fact): string => {
  const name = textOf(record, 'Name').trim();
  return version === LOUD ? name.toUpperCase() : name;
};
const versionsIn = (facts: readonly Fact[]): readonly number[] =>
  [...new Set(facts.map(({ version }) => version))].toSorted((one, other) => one - other);

/** Lets the first pages through; then the store is away for whoever asks for more. */
function cutOffAfter(times: number): () => void {
  const { mappings } = world().deps;
  let left = times;
  const cut: typeof mappings = {
    ...mappings,
    plan: (mapping) => {
      if (mapping.document.id === MAPPING && (left -= 1) < 0)
        throw new StoreUnavailable('The worker was cut off.');
      return mappings.plan(mapping);
    },
  };
  Object.assign(world().deps, { mappings: cut });
  return () => Object.assign(world().deps, { mappings });
}

test('F-75: a rule that is rolled back while work goes on by it: each fact says which version decided it, that version makes it again, and a replay changes nothing', async () => {
  const accounts = (await world().twins.salesforce.records('Account')).map((each) => textOf(each, 'Id'));
  await story.publish(MAPPING, { fields: { ...fieldsOf(await story.inEffect(MAPPING)), legalName: { from: 'src.Name', steps: ['trim', 'upper'] } } }, false);
  for (const [at, id] of accounts.entries())
    await world().twins.salesforce.mutate({ object: 'Account', operation: 'update', id, fields: { Name: `Changed ${at} ` } });
  await world().twins.salesforce.faults({ action: 'short_page', match: { object: 'Account' }, rate: 1, with: { rows: PAGE } });
  const goOn = cutOffAfter(ASKED);

  await world().pull('crm', { streams: ['Account'] });
  const halfway = await factsNow();
  goOn();
  await story.rollBack(MAPPING, 1);
  await world().drain({ skipWaits: true });
  const after = await factsNow();
  await replayMapping(world().deps, story.ana, { id: MAPPING, scope: 'all' });
  await world().drain();
  const replayed = await factsNow();
  await replayMapping(world().deps, story.ana, { id: MAPPING, scope: 'all' });
  await world().drain();

  const loud = halfway.filter(({ version }) => version === LOUD).length;
  expect([loud > 0, loud < accounts.length]).toEqual([true, true]);
  expect(versionsIn(after)).toContain(LOUD + 1);
  for (const facts of [after, replayed])
    expect(facts.map(({ body }) => body['legalName'])).toEqual(facts.map(madeBy));
  expect(versionsIn(replayed)).toEqual([LOUD + 1]);
  expect(await factsNow()).toEqual(replayed);
}, LIMIT_MS); // prettier-ignore

test('F-75: a policy that is taken back while deals are decided by it: each plan goes on saying by which it was, and drawn up again there is no other', async () => {
  const { toClose, toReopen } = world().company.deals;
  const plans = async () =>
    [...(await deals.plansOf(toClose.opportunityId)), ...(await deals.plansOf(toReopen.opportunityId))]
      .map(({ id, hash, body }) => [id, hash, body.decidedWith?.settings]);
  const policy = CommerceSettings.parse({});
  await deals.moveTo(toClose.opportunityId, 'Closed Won');
  const first = await plans();
  await putSettings(world().deps, story.ana, { ...policy, renewalLeadDays: 30, noticeDays: 10 });
  await deals.moveTo(toReopen.opportunityId, 'Closed Won');
  const second = await plans();

  await putSettings(world().deps, story.ana, policy);
  await world().ask('detect-closed-won');
  await world().drain();
  const third = await plans();
  await world().ask('detect-closed-won');
  await world().drain();

  expect(first.map(([, , settings]) => settings)).toEqual([0]);
  expect(second.filter(([, , settings]) => settings === 1).length).toBeGreaterThan(0);
  expect(second).toEqual(expect.arrayContaining(first));
  expect(third).toEqual(expect.arrayContaining(second));
  expect(await plans()).toEqual(third);
}, LIMIT_MS); // prettier-ignore

test('F-76: a mistake that would change most of what stands waits for a person, and rejected writes nothing', async () => {
  const run = async (name: string) => {
    const effects = Array.from({ length: 10 }, (_, at) => ({
      connection: 'crm',
      object: 'Opportunity',
      canonicalId: `renewal:${at}`,
      vendorId: null,
      fields: { Name: `${name} ${at}`, StageName: 'Prospecting', CloseDate: '2026-12-31' },
      mapping: null,
    }));
    await world().inTx(async (tx) => {
      const { targets } = await proposeRun(tx, 'renewals', effects);
      await request(world().deps, tx, targets.map(deliverWork));
    });
    await world().drain();
  };
  const named = async (prefix: string) =>
    (await world().twins.salesforce.records('Opportunity')).filter((each) => textOf(each, 'Name').startsWith(prefix)).length;
  await run('Meant');
  await putWriteLimits(world().deps, story.ana, { records: 1, percent: 30 });

  await run('Mistake');
  const [hold] = await listWriteHolds(world().deps, story.ana, { status: 'open', limit: 5 });
  const sent = await named('Mistake');
  await decideWriteHold(world().deps, story.ben, { id: hold?.id ?? '', decision: 'rejected', reason: 'a mistake' });
  await world().drain({ skipWaits: true });

  expect([hold?.counted.changed, sent]).toEqual([10, 0]);
  expect([await named('Meant'), await named('Mistake')]).toEqual([10, 0]);
}, LIMIT_MS); // prettier-ignore

const fieldsOf = (document: Readonly<Record<string, unknown>>): object =>
  document['fields'] as object;
