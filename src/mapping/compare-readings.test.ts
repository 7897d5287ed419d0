import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { JsonObject } from '../kernel/hash.ts';
import { compareReadings, sameJson, type Compared } from './compare-readings.ts';
import type { ReadItem, RecordReading } from './reading.ts';

const item = (ref: string, values: JsonObject): ReadItem => ({ noun: 'order', ref, values });
const mapped = (...items: readonly ReadItem[]): RecordReading => ({ kind: 'mapped', items });
const failed: RecordReading = {
  kind: 'failed',
  code: 'wrong_type',
  message: 'no',
  row: 'number',
  path: 'src.No',
};
const compare = (given: Partial<Compared>) =>
  compareReadings({ draft: mapped(), live: mapped(), present: [], isTaken: () => false, ...given });

describe('the outcome of a record', () => {
  const one = item('1', { number: 'A' });
  const other = item('1', { number: 'B' });
  const cases: readonly (readonly [string, Partial<Compared>, string])[] = [
    ['create: the target has none', { draft: mapped(one), present: [] }, 'create'],
    ['update: a value is another', { draft: mapped(other), present: [one] }, 'update'],
    [
      'update: one more item than before',
      { draft: mapped(one, item('2', {})), present: [one] },
      'update',
    ],
    [
      'update: an item less than before',
      { draft: mapped(one), present: [one, item('2', {})] },
      'update',
    ],
    ['unchanged: the same', { draft: mapped(one), present: [one] }, 'unchanged'],
    [
      'remove: the draft gives nothing more',
      { draft: { kind: 'skipped' }, present: [one] },
      'remove',
    ],
    ['skipped: nothing there and nothing to come', { draft: { kind: 'skipped' } }, 'skipped'],
    ['blocked: it does not map', { draft: failed, live: mapped(one), present: [one] }, 'blocked'],
    ['conflict: another record holds it', { draft: mapped(one), isTaken: () => true }, 'conflict'],
    [
      'unknown target: what is in effect stands for it',
      { draft: mapped(other), live: mapped(one), present: null },
      'update',
    ],
    [
      'unknown target, and the same',
      { draft: mapped(one), live: mapped(one), present: null },
      'unchanged',
    ],
  ];
  test.each(cases)('%s', (_, given, outcome) => {
    expect(compare(given).outcome).toBe(outcome);
  });
});

test('an item that only what is in effect would give makes no update of a create', () => {
  const compared = compare({
    draft: mapped(item('1', {})),
    live: mapped(item('2', {})),
    present: [],
  });

  expect(compared).toMatchObject({ outcome: 'create', differs: false });
});

test('a record that fails keeps what it gave, so no field of it is told to change', () => {
  const present = [item('1', { number: 'A' })];

  const compared = compare({ draft: failed, live: mapped(...present), present });

  expect(compared).toEqual({ outcome: 'blocked', differs: true, items: [] });
});

test('each field says what the draft, the version in effect and the target have', () => {
  const [only] = compare({
    draft: mapped(item('1', { number: 'B', kind: 'x' })),
    live: mapped(item('1', { number: 'A', kind: 'x' })),
    present: [item('1', { number: 'A', old: 1 })],
  }).items;

  expect(only?.fields).toEqual([
    { field: 'number', draft: 'B', live: 'A', present: 'A', differs: true, changes: true },
    { field: 'kind', draft: 'x', live: 'x', present: null, differs: false, changes: true },
    { field: 'old', draft: null, live: null, present: 1, differs: false, changes: true },
  ]);
});

test('two failures differ when another row fails', () => {
  const elsewhere: RecordReading = { ...failed, row: 'kind' };

  expect(compare({ draft: failed, live: failed }).differs).toBe(false);
  expect(compare({ draft: failed, live: elsewhere }).differs).toBe(true);
});

test('a version beside itself never differs, whatever it gives', () => {
  fc.assert(
    fc.property(fc.array(fc.dictionary(fc.string(), fc.jsonValue())), (bodies) => {
      const reading = mapped(...bodies.map((body, at) => item(String(at), body as JsonObject)));

      const present = reading.kind === 'mapped' ? reading.items : [];
      const compared = compare({ draft: reading, live: reading, present });

      expect(compared.differs).toBe(false);
      expect(compared.outcome).toBe(bodies.length === 0 ? 'skipped' : 'unchanged');
    }),
  );
});

test('JSON values are equal whatever the order of their members, and in nothing else', () => {
  expect(sameJson({ a: 1, b: [1, { c: null }] }, { b: [1, { c: null }], a: 1 })).toBe(true);
  expect(sameJson({ a: 1 }, { a: 1, b: null })).toBe(false);
  expect(sameJson([1, 2], [2, 1])).toBe(false);
  expect(sameJson('1', 1)).toBe(false);
  expect(sameJson({ constructor: 1 }, {})).toBe(false);
});
