import { expect, test } from '@jest/globals';
import { shippedSteps } from '../../test/support/shipped-steps.ts';
import { compileMapping } from './compile.ts';
import { compareReadings } from './compare-readings.ts';
import { parseMapping } from './language/parse-mapping.ts';
import type { ReadItem, RecordReading } from './reading.ts';
import { createShadowTally } from './shadow-tally.ts';

const steps = await shippedSteps();
const parsed = parseMapping(
  `id: acme.user\nversion: 1\nsource: { connection: scim, object: Users }\ntarget: { object: userAccount }\nfields:\n  externalRef: { from: record.id, key: true }\n  userName: { from: src.userName, pii: true }\n  active: { value: true }\n`,
  'test.yaml',
  steps,
);
if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
const plan = compileMapping(parsed.mapping, steps);

const item = (ref: string, userName: string, active: boolean): ReadItem => ({
  noun: 'userAccount',
  ref,
  values: { userName, active },
});
const mapped = (one: ReadItem): RecordReading => ({ kind: 'mapped', items: [one] });
const compare = (draft: RecordReading, now: ReadItem) =>
  compareReadings({ draft, live: mapped(now), present: [now], isTaken: () => false });

test('totals count every record though only the first five thousand differences are kept', () => {
  const tally = createShadowTally(plan);
  const taken: ReturnType<typeof tally.take>[] = [];

  for (let at = 0; at < 5_010; at += 1) {
    const draft = mapped(item(String(at), 'u', false));
    tally.add(String(at), draft, compare(draft, item(String(at), 'u', true)));
    if (at === 99) taken.push(tally.take());
  }
  const same = mapped(item('same', 'u', true));
  tally.add('same', same, compare(same, item('same', 'u', true)));

  expect(tally.totals()).toMatchObject({
    lookedAt: 5_011,
    differing: 5_010,
    fields: { active: 5_010 },
    counts: { update: 5_010, unchanged: 1, create: 0 },
  });
  expect(taken).toMatchObject([{ from: 0, differences: { length: 100 } }]);
  expect(tally.take()).toMatchObject({ from: 100, differences: { length: 4_900 } });
});

test('what is kept of a personal field is that it differs, not what it says', () => {
  const tally = createShadowTally(plan);
  const draft = mapped(item('1', 'ada@example.org', true));

  tally.add('1', draft, compare(draft, item('1', 'ADA@example.org', true)));

  expect(tally.totals().fields).toEqual({ userName: 1 });
  expect(JSON.stringify(tally.take())).not.toMatch(/example/i);
});
