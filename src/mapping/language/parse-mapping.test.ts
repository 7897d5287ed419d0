import { beforeAll, describe, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { shippedSteps } from '../../../test/support/shipped-steps.ts';
import type { MappingProblem } from './mapping-problem.ts';
import { parseMapping, type ParseMapping, type Steps } from './parse-mapping.ts';

let steps: Steps;

beforeAll(async () => {
  steps = await shippedSteps();
});

const SKU = {
  id: 'acme.product',
  version: 1,
  source: { connection: 'acme', object: 'Product' },
  target: { object: 'sku' },
  fields: {
    externalRef: { from: 'record.id', key: true },
    skuCode: { from: 'src.Code', steps: ['trim'] },
    name: { from: 'src.Name' },
  },
};

function parse(document: unknown): ParseMapping {
  return parseMapping(stringify(document), 'acme/product.yaml', steps);
}

function problemsOf(document: unknown): readonly MappingProblem[] {
  const parsed = parse(document);
  return parsed.ok ? [] : parsed.problems;
}

describe('a mapping file', () => {
  test('is parsed with a hash that depends on what it says and not on how it is written', () => {
    const yaml = parse(SKU);
    const json = parseMapping(JSON.stringify(SKU, null, 2), 'acme/product.json', steps);
    const other = parse({ ...SKU, version: 2 });

    const hashes = [yaml, json, other].map((parsed) => (parsed.ok ? parsed.mapping.hash : null));
    expect(hashes[0]).toMatch(/^[0-9a-f]{64}$/);
    expect(hashes[1]).toBe(hashes[0]);
    expect(hashes[2]).not.toBe(hashes[0]);
  });

  test('tells each problem with its row, its pointer, its line and what was probably meant', () => {
    const text = [
      'id: acme.product',
      'version: 1',
      'source: { connection: acme, object: Product }',
      'target: { object: sku }',
      'fields:',
      '  externalRef: { from: record.id, key: true }',
      '  skuCod: { from: src.Code }',
      '  name: { from: scr.Name, steps: [trimm] }',
    ].join('\n');

    const parsed = parseMapping(text, 'acme/product.yaml', steps);

    expect(parsed).toEqual({
      ok: false,
      problems: expect.arrayContaining([
        expect.objectContaining({
          row: 'skuCod',
          pointer: '/fields/skuCod',
          code: 'unknown_target_field',
          hint: 'Did you mean "skuCode"?',
          line: 7,
        }),
        expect.objectContaining({
          row: null,
          pointer: '/fields',
          code: 'required_field_unmapped',
          message: expect.stringContaining('"skuCode"'),
        }),
        expect.objectContaining({
          row: 'name',
          pointer: '/fields/name/from',
          code: 'unknown_name',
          hint: 'Did you mean "src"?',
          line: 8,
        }),
        expect.objectContaining({
          row: 'name',
          pointer: '/fields/name/steps/0',
          code: 'unknown_step',
          hint: 'Did you mean "trim"?',
        }),
      ]),
    });
  });

  const withRow = (row: object) => ({ ...SKU, fields: { ...SKU.fields, publisherName: row } });
  test.each<[string, unknown, string, string]>([
    ['an unknown key', { ...SKU, feilds: {} }, 'unknown_key', '/feilds'],
    [
      'an unknown key of a row',
      withRow({ form: 'src.X' }),
      'unknown_key',
      '/fields/publisherName/form',
    ],
    ['a missing key', { ...SKU, version: undefined }, 'missing_key', '/version'],
    ['an id that is none', { ...SKU, id: 'Product' }, 'bad_value', '/id'],
    ['an unknown noun', { ...SKU, target: { object: 'skus' } }, 'unknown_noun', '/target/object'],
    [
      'a noun that Trueup derives itself',
      { ...SKU, target: { object: 'entitlement' } },
      'derived_noun',
      '/target/object',
    ],
    [
      'two systems',
      { ...SKU, target: { connection: 'other', object: 'Thing' } },
      'bad_direction',
      '/target',
    ],
    ['no system', { ...SKU, source: { object: 'outboundOrder' } }, 'bad_direction', '/target'],
    [
      'an unknown document',
      { ...SKU, source: { object: 'outboundOrdr' }, target: { connection: 'acme', object: 'X' } },
      'unknown_document',
      '/source/object',
    ],
    [
      'a row without a source',
      withRow({ steps: ['trim'] }),
      'row_without_source',
      '/fields/publisherName',
    ],
    [
      'a row with two sources',
      withRow({ from: 'src.X', value: 'Y' }),
      'row_with_two_sources',
      '/fields/publisherName',
    ],
    [
      'keep without a lookup',
      withRow({ from: 'src.X', onMissing: 'keep' }),
      'bad_value',
      '/fields/publisherName/onMissing',
    ],
    [
      'a fixed value with steps',
      withRow({ value: 'x', steps: ['trim'] }),
      'bad_value',
      '/fields/publisherName',
    ],
    [
      'a fixed value of the wrong kind',
      { ...SKU, fields: { ...SKU.fields, rightsPerPack: { value: 'ten' } } },
      'bad_value',
      '/fields/rightsPerPack/value',
    ],
    [
      'a default of the wrong kind',
      { ...SKU, fields: { ...SKU.fields, licenseType: { from: 'src.T', default: 'rent' } } },
      'bad_value',
      '/fields/licenseType/default',
    ],
    ['a path that is none', withRow({ from: 'src..X' }), 'bad_path', '/fields/publisherName/from'],
    [
      'a step without its argument',
      withRow({ from: 'src.X', steps: ['prefix'] }),
      'step_argument',
      '/fields/publisherName/steps/0',
    ],
    [
      'a step with an argument too many',
      withRow({ from: 'src.X', steps: [{ trim: 1 }] }),
      'step_argument',
      '/fields/publisherName/steps/0',
    ],
    [
      'a step with two names',
      withRow({ from: 'src.X', steps: [{ trim: 1, lower: 2 }] }),
      'bad_value',
      '/fields/publisherName/steps/0',
    ],
    [
      'an expression that does not parse',
      withRow({ expr: 'src.X +' }),
      'unexpected_token',
      '/fields/publisherName/expr',
    ],
    [
      'an expression with an unknown name',
      withRow({ expr: 'srcc.X' }),
      'unknown_variable',
      '/fields/publisherName/expr',
    ],
    [
      'a backtracking regex',
      withRow({ expr: 'src.X.matches("a") ? "a" : "b"' }),
      'function_refused',
      '/fields/publisherName/expr',
    ],
    ['a condition with an unknown name', { ...SKU, when: 'line.X' }, 'unknown_variable', '/when'],
    [
      'a loop over a name that is not there',
      { ...SKU, forEach: { items: 'srx.lines', as: 'line' } },
      'unknown_name',
      '/forEach/items',
    ],
    [
      'a loop item with a taken name',
      { ...SKU, forEach: { items: 'src.lines', as: 'src' } },
      'name_taken',
      '/forEach/as',
    ],
    [
      'an include that does not read the record',
      { ...SKU, include: { other: { stream: 'Other', id: 'run.startedAt' } } },
      'unknown_name',
      '/include/other/id',
    ],
    [
      'a nested list in a fact',
      { ...SKU, fields: { ...SKU.fields, name: { each: 'src.l', as: 'l', fields: {} } } },
      'bad_value',
      '/fields/name',
    ],
    [
      'a loop in an outbound mapping',
      {
        ...SKU,
        source: { object: 'outboundOrder' },
        target: { connection: 'acme', object: 'X' },
        forEach: { items: 'src.lines', as: 'line' },
      },
      'bad_direction',
      '/forEach',
    ],
    [
      'a target that reaches a prototype',
      {
        ...SKU,
        source: { object: 'outboundOrder' },
        target: { connection: 'acme', object: 'X' },
        fields: { 'a.__proto__.b': { value: 1 } },
      },
      'bad_target',
      '/fields/a.__proto__.b',
    ],
    [
      'a sync rule that nothing carries out',
      withRow({ from: 'src.X', sync: 'ask' }),
      'bad_value',
      '/fields/publisherName/sync',
    ],
    ['a list', [], 'bad_value', ''],
    ['nothing', null, 'bad_value', ''],
  ])('%s is refused where it stands', (_name, document, code, pointer) => {
    const problems = problemsOf(document);

    expect(problems).toContainEqual(expect.objectContaining({ code, pointer }));
    for (const problem of problems) expect(problem.message).not.toBe('');
  });
});

/** Processor time in microseconds; the wall clock says how busy the machine is. */
const ONE_SECOND = 1_000_000;

describe('hostile text', () => {
  const bomb = [
    'a: &a [x,x,x,x,x,x,x,x]',
    ...'bcdefghi'
      .split('')
      .map((name, at) => `${name}: &${name} [${`*${'abcdefgh'[at]},`.repeat(8)}]`),
  ].join('\n');
  test.each([
    ['aliases', bomb, 'alias'],
    ['an anchor', 'id: &x acme.product', 'alias'],
    ['a tag', 'id: !!js/function "function(){}"', 'tag'],
    ['a merge key of an alias', 'a: &a {x: 1}\nb: { <<: *a }', 'alias'],
    ['a double key', 'id: a\nid: b', 'duplicate_key'],
    ['two documents', 'id: a\n---\nid: b', 'not_yaml'],
    ['open brackets', '['.repeat(100_000), 'too_deep'],
    ['deep braces', '{a: '.repeat(60_000), 'too_deep'],
    ['deep dashes', '- '.repeat(60_000), 'too_deep'],
    [
      'deep indents',
      Array.from({ length: 600 }, (_, at) => `${' '.repeat(at)}a:`).join('\n'),
      'too_deep',
    ],
    ['a megabyte', 'x'.repeat(1_000_000), 'too_large'],
    ['broken text', 'fields: { a: [ }', 'not_yaml'],
    ['a control character', 'id: "\u0000"', 'not_yaml'],
  ])('%s is refused at once', (_name, text, code) => {
    const began = process.cpuUsage();

    const parsed = parseMapping(text, 'hostile.yaml', steps);

    expect(parsed).toMatchObject({ ok: false, problems: [{ code }] });
    expect(process.cpuUsage(began).user).toBeLessThan(ONE_SECOND);
  });

  test('ten thousand rows are refused at once', () => {
    const rows = Array.from({ length: 10_000 }, (_, at) => `  f${at}: { value: 1 }`).join('\n');
    const began = process.cpuUsage();

    const parsed = parseMapping(
      `id: a.b\nversion: 1\nsource: { connection: a, object: b }\ntarget: { object: sku }\nfields:\n${rows}`,
      'hostile.yaml',
      steps,
    );

    expect(parsed.ok).toBe(false);
    expect(process.cpuUsage(began).user).toBeLessThan(ONE_SECOND);
  });

  test('a field named __proto__ is refused where it stands and pollutes nothing', () => {
    const parsed = parseMapping(
      'id: a.b\nfields: { __proto__: { polluted: true }, constructor: { value: 1 } }',
      'hostile.yaml',
      steps,
    );

    expect(parsed).toMatchObject({
      ok: false,
      problems: [{ code: 'reserved_key', pointer: '/fields/__proto__', row: '__proto__', line: 2 }],
    });
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });
});

describe('an override', () => {
  test('puts its rows over the shipped mapping and takes others out', () => {
    const shipped = parse(SKU);
    if (!shipped.ok) throw new Error('the shipped mapping must fit');
    const text = stringify({
      id: 'acme.product',
      version: 2,
      extends: 'builtin:acme.product@1',
      fields: { skuCode: { from: 'src.PartNumber' }, publisherName: { value: 'Acme' } },
    });

    const parsed = parseMapping(text, 'published', steps, () => shipped.mapping.document);

    expect(parsed.ok && parsed.mapping.document).toMatchObject({
      version: 2,
      source: { connection: 'acme', object: 'Product' },
      fields: {
        externalRef: { from: 'record.id' },
        skuCode: { from: 'src.PartNumber' },
        publisherName: { value: 'Acme' },
      },
    });
  });

  test.each([
    ['a shipped mapping that is not there', { extends: 'builtin:acme.other@1' }, 'unknown_base'],
    ['another version than the shipped one', { extends: 'builtin:acme.product@7' }, 'base_version'],
    [
      'a row to remove that is not there',
      { extends: 'builtin:acme.product@1', remove: ['skuCod'] },
      'unknown_target_field',
    ],
    [
      'a removed row that facts need',
      { extends: 'builtin:acme.product@1', remove: ['skuCode'] },
      'required_field_unmapped',
    ],
  ])('%s is refused', (_name, changes, code) => {
    const shipped = parse(SKU);
    if (!shipped.ok) throw new Error('the shipped mapping must fit');
    const text = stringify({ id: 'acme.product', version: 2, ...changes });

    const parsed = parseMapping(text, 'published', steps, (id) =>
      id === 'acme.product' ? shipped.mapping.document : null,
    );

    expect(parsed.ok ? [] : parsed.problems.map((problem) => problem.code)).toContain(code);
  });
});
