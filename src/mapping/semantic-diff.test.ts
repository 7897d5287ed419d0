import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { canonicalJson } from '../kernel/hash.ts';
import { MappingDocument } from './language/mapping-document.ts';
import { semanticDiff, type MappingDifference } from './semantic-diff.ts';

const BASE = MappingDocument.parse({
  id: 'acme.order-line',
  version: 3,
  source: { connection: 'acme', object: 'OrderLine' },
  target: { object: 'orderLine' },
  when: 'src.Won',
  fields: {
    externalRef: { from: 'record.id', key: true },
    skuCode: { from: 'src.Code', steps: ['trim'] },
    quantity: { expr: 'src.Qty' },
    owner: { from: 'src.Owner', steps: ['trim', 'lower'] },
  },
  tests: [{ name: 'a line', given: { Code: 'A' }, expect: 'skipped' }],
});

const changed = (patch: object): MappingDocument => MappingDocument.parse({ ...BASE, ...patch });
const withRow = (name: string, row: object | null): MappingDocument => {
  const { [name]: _gone, ...others } = BASE.fields;
  return changed({ fields: row === null ? others : { ...others, [name]: row } });
};
const told = (after: MappingDocument) =>
  semanticDiff(BASE, after).map(({ kind, row, text }) => [kind, row, text]);

describe('what two contents of a mapping differ in', () => {
  test.each([
    [
      withRow('region', { value: 'EMEA' }),
      'row_added',
      'region',
      'region is new: the fixed value EMEA.',
    ],
    [withRow('owner', null), 'row_removed', 'owner', 'owner is gone; it was from src.Owner.'],
    [
      withRow('skuCode', { from: 'src.Part', steps: ['trim'] }),
      'source_changed',
      'skuCode',
      'skuCode is now from src.Part; it was from src.Code.',
    ],
    [
      withRow('skuCode', { from: 'src.Code', steps: ['trim', { round: 2 }] }),
      'steps_changed',
      'skuCode',
      'skuCode: step round 2 added.',
    ],
    [
      withRow('owner', { from: 'src.Owner', steps: ['lower', 'trim'] }),
      'steps_changed',
      'owner',
      'owner: its steps have another order.',
    ],
    [
      withRow('quantity', { expr: 'src.Qty', sync: 'source-wins' }),
      'rule_changed',
      'quantity',
      'sync of quantity is now source-wins; there was none.',
    ],
    [
      changed({ when: 'src.Lost' }),
      'condition_changed',
      null,
      'the condition is now src.Lost; it was src.Won.',
    ],
    [changed({ title: 'Lines' }), 'frame_changed', null, 'title is now Lines; there was none.'],
    [changed({ tests: [] }), 'test_removed', null, 'test "a line" is gone.'],
    [
      changed({ tests: [{ name: 'a line', given: { Code: 'B' }, expect: 'skipped' }] }),
      'test_changed',
      null,
      'test "a line" is another.',
    ],
  ])('is told in words (%#)', (after, kind, row, text) => {
    expect(told(after)).toEqual([[kind, row, text]]);
  });

  test('the version, the order of rows and a comment are no difference', () => {
    const reordered = Object.fromEntries(Object.entries(BASE.fields).toReversed());

    expect(semanticDiff(BASE, changed({ version: 9, fields: reordered }))).toEqual([]);
  });

  test('a list without steps says what no list says', () => {
    const [row] = Object.keys(BASE.fields);
    const written = (steps: object) =>
      changed({ fields: { [row ?? '']: { from: 'src.A', ...steps } } });

    expect(semanticDiff(written({}), written({ steps: [] }))).toEqual([]);
  });

  test('of a mapping that is new, everything is', () => {
    const kinds = semanticDiff(null, BASE).map(({ kind }) => kind);

    expect(kinds.filter((kind) => kind === 'row_added')).toHaveLength(4);
    expect(kinds).toContain('test_added');
  });
});

const Row = fc.oneof(
  fc.record(
    {
      from: fc.constantFrom('src.A', 'src.B'),
      steps: fc.array(fc.constantFrom('trim', 'lower', { round: 2 }), {
        minLength: 1,
        maxLength: 3,
      }),
      sync: fc.constantFrom('source-wins', 'dont-sync'),
    },
    { requiredKeys: ['from'] },
  ),
  fc.record({ value: fc.constantFrom('x', 1, true, null) }),
  fc.record({ expr: fc.constantFrom('src.A', '1 + 2') }),
);
const Content = fc
  .record(
    {
      when: fc.constantFrom('src.Won', 'src.Lost'),
      fields: fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), Row, { maxKeys: 4 }),
      tests: fc.array(
        fc.record({
          name: fc.constantFrom('one', 'two'),
          given: fc.constant({}),
          expect: fc.constantFrom('skipped', 'failed'),
        }),
        { maxLength: 3 },
      ),
    },
    { requiredKeys: ['fields', 'tests'] },
  )
  .map((part) => {
    const { when: _when, ...base } = BASE;
    return MappingDocument.parse({ ...base, ...part });
  });

const rowsOf = (differences: readonly MappingDifference[]) =>
  new Set(differences.flatMap(({ row }) => (row === null ? [] : [row])));

describe('for any two contents', () => {
  test('a content does not differ from itself, also not from a copy', () => {
    fc.assert(
      fc.property(Content, (content) => {
        expect(semanticDiff(content, structuredClone(content))).toEqual([]);
      }),
    );
  });

  test('exactly the rows that differ are named', () => {
    fc.assert(
      fc.property(Content, Content, (before, after) => {
        const names = new Set([...Object.keys(before.fields), ...Object.keys(after.fields)]);
        const differ = [...names].filter((name) => {
          const [old, now] = [before.fields[name], after.fields[name]];
          return (
            old === undefined || now === undefined || canonicalJson(old) !== canonicalJson(now)
          );
        });

        expect(rowsOf(semanticDiff(before, after))).toEqual(new Set(differ));
      }),
    );
  });

  test('no difference means the same content, and the way back names the same places', () => {
    const bag = ({ tests = [], version: _version, ...rest }: MappingDocument) =>
      canonicalJson({ ...rest, tests: tests.map((each) => canonicalJson(each)).toSorted() });
    fc.assert(
      fc.property(Content, Content, (before, after) => {
        const there = semanticDiff(before, after);
        const back = semanticDiff(after, before);

        expect(there.length).toBe(back.length);
        expect(rowsOf(there)).toEqual(rowsOf(back));
        // Tests of one name that swap places are told as changed, so only this direction holds.
        expect(there.length === 0 && bag(before) !== bag(after)).toBe(false);
      }),
    );
  });
});
