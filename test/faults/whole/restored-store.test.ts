import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import * as z from 'zod';
import { makeCliHome, waitFor, type CliHome } from '../../support/cli.ts';
import { textOf } from '../../support/company-twins.ts';
import { addArguments, startTwin, type TwinProcess } from '../../support/twin-process.ts';
import { noteVerdict } from '../note-verdict.ts';

// A backup is brought back after the world went on: real processes, real twins, a real restore.

const SEED = 4;
const Intent = z.object({ object: z.string(), state: z.string(), readBack: z.boolean() });
const Plan = z.object({ id: z.string(), status: z.string(), hash: z.string() });
const Audited = z.object({ action: z.string(), details: z.record(z.string(), z.unknown()) });

let home: CliHome;
let crm: TwinProcess;
let erp: TwinProcess;

beforeAll(async () => {
  home = await makeCliHome({ TRUEUP_TODAY: '2026-03-02' });
  [crm, erp] = await Promise.all([startTwin('salesforce', SEED), startTwin('netsuite', SEED)]);
  for (const twin of [crm, erp]) {
    const { config, secrets } = twin.credentials;
    const added = { connector: twin.system, name: twin.system, config, secrets };
    await home.json(await addArguments(home, added), z.unknown());
    await home.json(['pull', twin.system], z.object({ run: z.string() }));
  }
}, 180_000);
afterAll(async () => {
  await Promise.all([home.stop(), crm?.stop(), erp?.stop()]);
}, 60_000);

const intents = () => home.json(['intents', 'list', '--limit', '0'], z.array(Intent));
const openWrites = async (): Promise<void> => {
  for (const { system } of [crm, erp])
    await home.json(['connections', 'enable-writes', system], z.unknown());
};
/** Every effect that reached a system, in the order in which it came; what is written twice stands twice. */
const written = async (): Promise<readonly string[]> =>
  (await Promise.all([crm.oracle(), erp.oracle()]))
    .flat()
    .toSorted((a, b) => (a.t < b.t ? -1 : 1))
    .filter(({ externalId }) => externalId !== null)
    .map(({ operation, object, externalId }) => `${operation} ${object} ${externalId}`);

async function allShown(count: number): Promise<readonly z.infer<typeof Intent>[]> {
  return waitFor(
    'every effect to be seen in the other systems',
    async () => {
      const all = await intents();
      const shown = all.every(({ state, readBack }) => state === 'APPLIED' && readBack);
      return all.length >= count && shown ? all : undefined;
    },
    120,
  );
}

test('F-61: a backup from before the effects were sent is restored: they are found, and nothing is sent again', async () => {
  const customers = new Set((await erp.records('customer')).map((each) => each['externalId']));
  const deal = (await crm.records('Opportunity')).find(
    (each) =>
      each['StageName'] === 'Negotiation/Review' &&
      each['CurrencyIsoCode'] === 'USD' &&
      customers.has(each['AccountId'] ?? null),
  );
  await crm.update('Opportunity', textOf(deal ?? {}, 'Id'), { StageName: 'Closed Won' });
  await home.json(['pull', 'salesforce'], z.unknown());
  const waiting = await waitFor('a plan that waits', async () => {
    const plans = await home.json(['plans', 'list', '--limit', '0'], z.array(Plan));
    return plans.find(({ status }) => status === 'waiting');
  });
  await home.json(['plans', 'approve', waiting.id, '--hash', waiting.hash, '--apply'], z.unknown());
  const planned = await waitFor('planned effects', async () => {
    const all = await intents();
    return all.length > 0 && all.every(({ state }) => state === 'PLANNED') ? all : undefined;
  });
  const folder = join(home.desk, 'backup');
  await home.json(['db', 'backup', folder], z.object({ files: z.number().positive() }));
  await openWrites();
  await allShown(planned.length);
  const before = await written();
  await home.run(['down']);

  const Restored = z.object({ openIntents: z.number(), before: z.string() });
  const restored = await home.json(['db', 'restore', folder], Restored);
  const doubted = await intents();
  await openWrites();
  const after = await allShown(planned.length);

  expect(before.length).toBeGreaterThan(0);
  expect(restored.openIntents).toBeGreaterThanOrEqual(planned.length);
  expect(doubted.filter(({ state }) => state === 'UNKNOWN')).toHaveLength(restored.openIntents);
  expect(after.length).toBeGreaterThanOrEqual(planned.length);
  const all = await written();
  const audit = await home.run(['audit', 'verify']);
  const problems = [
    ...before.filter((each, at) => all[at] !== each).map((each) => `I1: ${each} is not there any more`),
    ...all.filter((each, at) => all.indexOf(each) !== at).map((each) => `I2: ${each} twice`),
    ...(audit.code === 0 ? [] : [`I5: ${audit.err}`]),
    ...after.filter(({ state, readBack }) => state !== 'APPLIED' || !readBack).map(({ object, state }) => `I6: ${object} is ${state}`),
  ];
  await noteVerdict(['I1', 'I2', 'I5', 'I6'], problems);
  expect(problems).toEqual([]);
  const events = await home.json(['audit', 'list', '--limit', '0'], z.array(Audited));
  expect(events.filter(({ action }) => action === 'store.restored')).toHaveLength(1);
}, 400_000); // prettier-ignore
