import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parse } from 'yaml';
import { ValidationError } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/hash.ts';
import { editMappingText } from './edit-mapping-text.ts';
import { editedValue, type MappingEdit } from './mapping-edit.ts';

const TEXT = `# Why this mapping exists.
id: acme.product   # the id
version: 1
source: { connection: acme, object: Product }
target:
  object: sku # a noun

fields:
  # the record's own id
  externalRef: { from: record.id, key: true } # never changes
  skuCode:
    # part numbers have blanks
    from: src.Code # as printed
    steps:
      - trim
      - upper   # ours are
  name: { from: src.Name,   steps: [trim] }
  # the end
tests: # one is enough
  - name: a product
    given: { Code: ' p-1 ' }
    expect: { skuCode: P-1 }
`;

const SHIPPED = readdirSync(join(import.meta.dirname, '../../../mappings'), { recursive: true })
  .map(String)
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => readFileSync(join(import.meta.dirname, '../../../mappings', name), 'utf8'));

/** The lines of the first text that the second does not have in their order, and those that it has beside. */
function difference(before: string, after: string): { gone: string[]; come: string[] } {
  const [old, now] = [before.split('\n'), after.split('\n')];
  let head = 0;
  while (head < old.length && old[head] === now[head]) head += 1;
  let tail = 0;
  while (tail < Math.min(old.length, now.length) - head && old.at(-1 - tail) === now.at(-1 - tail))
    tail += 1;
  return {
    gone: old.slice(head, old.length - tail),
    come: now.slice(head, now.length - tail),
  };
}

describe('an edit of a mapping file', () => {
  test.each<[string, MappingEdit, string[], string[]]>([
    [
      'a value in brackets is changed where it stands',
      { op: 'set', row: 'name', value: { from: 'src.Title', steps: ['trim'] } },
      ['  name: { from: src.Name,   steps: [trim] }'],
      ['  name: { from: src.Title,   steps: [trim] }'],
    ],
    [
      'the comment behind a row stays',
      { op: 'set', row: 'externalRef', value: { from: 'src.Id', key: true, pii: false } },
      ['  externalRef: { from: record.id, key: true } # never changes'],
      ['  externalRef: { from: src.Id, key: true, pii: false } # never changes'],
    ],
    [
      'comments inside of a row stay',
      { op: 'set', row: 'skuCode', value: { from: 'src.Part', steps: ['trim', 'upper'] } },
      ['    from: src.Code # as printed'],
      ['    from: src.Part # as printed'],
    ],
    [
      'a key of a row is taken out alone',
      { op: 'set', row: 'name', value: { from: 'src.Name' } },
      ['  name: { from: src.Name,   steps: [trim] }'],
      ['  name: { from: src.Name }'],
    ],
    [
      'a new row comes last',
      { op: 'set', row: 'publisherName', value: { value: 'Acme: Inc.' } },
      [],
      ['  publisherName: { value: "Acme: Inc." }'],
    ],
    [
      'a row is taken out',
      { op: 'remove', row: 'name' },
      ['  name: { from: src.Name,   steps: [trim] }'],
      [],
    ],
    [
      'another part of the file',
      { op: 'set', key: 'when', value: 'src.Active == true' },
      [],
      ['when: src.Active == true'],
    ],
    ['the version', { op: 'set', key: 'version', value: 2 }, ['version: 1'], ['version: 2']],
    ['what is so already', { op: 'set', key: 'version', value: 1 }, [], []],
  ])('%s', (_name, edit, gone, come) => {
    const edited = editMappingText(TEXT, [edit]);

    expect(difference(TEXT, edited)).toEqual({ gone, come });
  });

  test('several edits follow each other, and the last row leaves empty brackets', () => {
    const edited = editMappingText('id: a.b\nfields:\n  a: { value: 1 } # x\n', [
      { op: 'set', row: 'b', value: { expr: 'src.a\n + 1' } },
      { op: 'remove', row: 'a' },
      { op: 'remove', row: 'b' },
    ]);

    expect(parse(edited)).toEqual({ id: 'a.b', fields: {} });
  });

  test('a row of a file without rows makes them', () => {
    const edited = editMappingText('id: a.b\nextends: builtin:a.b@1\n', [
      { op: 'set', row: 'name', value: { from: 'src.N' } },
    ]);

    expect(edited).toBe('id: a.b\nextends: builtin:a.b@1\nfields: { name: { from: src.N } }\n');
  });

  test('line breaks stay those of the file, and a file without one at its end gets none', () => {
    const edited = editMappingText('id: a.b\r\nfields:\r\n  a: { value: 1 }', [
      { op: 'set', row: 'b', value: { value: 2 } },
    ]);

    expect(edited).toBe('id: a.b\r\nfields:\r\n  a: { value: 1 }\r\n  b: { value: 2 }');
  });

  test('JSON stays JSON', () => {
    const text = `${JSON.stringify({ id: 'a.b', fields: { a: { value: 1 } } }, null, 4)}\n`;

    const edited = editMappingText(text, [{ op: 'set', row: 'b', value: { from: 'src.B' } }]);

    expect(edited).toBe(
      `${JSON.stringify({ id: 'a.b', fields: { a: { value: 1 }, b: { from: 'src.B' } } }, null, 4)}\n`,
    );
  });

  test('a text that cannot be read is refused and not guessed at', () => {
    const edit = () => editMappingText('fields: [', [{ op: 'remove', row: 'a' }]);

    expect(edit).toThrow(ValidationError);
  });

  const scalar = fc.oneof(
    fc.string(),
    fc.constantFrom('yes', 'null', '1.0', '- a', '# b', 'a: b', '{', "it's", 'line\nbreak', ' x '),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
  );
  const rowValue: fc.Arbitrary<Json> = fc.oneof(
    fc.record({ value: scalar }),
    fc.record({ from: fc.constantFrom('src.A', 'src["odd key"]'), steps: fc.array(scalar) }),
    fc.record({ expr: fc.string({ maxLength: 200 }), default: scalar, note: fc.constant({}) }),
    fc.record({
      each: fc.constant('src.lines'),
      fields: fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.record({ value: scalar })),
    }),
  );

  test('on every shipped file changes what it says and no line beside it', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...SHIPPED),
        fc.nat(),
        fc.constantFrom('set', 'remove', 'add'),
        rowValue,
        (text, pick, kind, value) => {
          const document = parse(text) as { readonly fields: Readonly<Record<string, Json>> };
          const names = Object.keys(document.fields);
          const row = kind === 'add' ? 'brand_new' : (names[pick % names.length] ?? '');
          const edit: MappingEdit =
            kind === 'remove' ? { op: 'remove', row } : { op: 'set', row, value };

          const edited = editMappingText(text, [edit]);

          expect(parse(edited)).toEqual(editedValue(document as unknown as Json, edit));
          const own = rowLines(text, row);
          const { gone } = difference(text, edited);
          expect(gone.filter((line) => !own.includes(line))).toEqual([]);
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('edits of a large file', () => {
  const names = Array.from({ length: 900 }, (_, at) => `row${at}`);
  const lines = names.map((name) => `  ${name}: { from: src.${name} } # ${name} stays`);
  const large = `# why\nid: a.b\nversion: 1\nfields:\n${lines.join('\n')}\n`;
  const timed = (edits: readonly MappingEdit[]) => {
    const began = performance.now();
    const text = editMappingText(large, edits);
    return { text, ms: performance.now() - began };
  };

  test('take a moment, however many they are, and keep every comment', () => {
    const edits = names.map((row): MappingEdit => ({ op: 'set', row, value: { value: row } }));

    const { text, ms } = timed(edits);

    expect(parse(text).fields).toEqual(
      Object.fromEntries(names.map((row) => [row, { value: row }])),
    );
    expect(text.match(/# why|# row\d+ stays/g)).toHaveLength(901);
    expect(ms).toBeLessThan(5_000);
  });

  test('take a moment, however much one of them says', () => {
    const many = Object.fromEntries(names.map((name) => [name, 1]));
    const value = { from: 'src.row0', ...many };

    const { text, ms } = timed([{ op: 'set', row: 'row0', value }]);

    expect(parse(text).fields.row0).toEqual(value);
    expect(ms).toBeLessThan(5_000);
  });
});

describe('an edit that no mapping file can hold', () => {
  test.each<[string, string, MappingEdit, string]>([
    ['a NUL character', TEXT, { op: 'set', row: 'name', value: { value: '\0' } }, '/fields/name'],
    ['a NUL in JSON', '{"id":"a"}', { op: 'set', key: 'title', value: '\0' }, '/title'],
    [
      'the key __proto__',
      TEXT,
      { op: 'set', row: '__proto__', value: { value: 1 } },
      '/fields/__proto__',
    ],
    [
      'a row of what is no map',
      TEXT.replace(/^fields:[^]*/m, 'fields:\n'),
      { op: 'remove', row: 'name' },
      '/fields/name',
    ],
  ])('is refused with its place: %s', (_, text, edit, pointer) => {
    expect(() => editMappingText(text, [edit])).toThrow(
      expect.objectContaining({
        constructor: ValidationError,
        details: { problems: [expect.objectContaining({ pointer, code: 'cannot_edit' })] },
      }),
    );
  });
});

/** The lines of one row as they stand in the file. */
function rowLines(text: string, row: string): readonly string[] {
  const lines = text.split('\n');
  const start = lines.findIndex((line) => line.startsWith(`  ${row}:`));
  if (start === -1) return [];
  const length = lines.slice(start + 1).findIndex((line) => /^(?: {0,2}\S)/.test(line));
  return lines.slice(start, start + 1 + length);
}
