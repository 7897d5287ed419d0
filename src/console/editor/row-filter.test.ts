import { describe, expect, test } from '@jest/globals';
import { ApiError } from '../api.ts';
import type { ErrorGroup } from '../errors/error-types.ts';
import type { PreviewRecord } from './preview-types.ts';
import { rowErrors } from './row-errors.ts';
import { fits, linesOf, type Filter, type Known } from './row-filter.ts';

const field = (name: string, required = false) => ({
  name,
  label: name,
  type: 'string',
  required,
  readOnly: false,
  key: false,
  custom: false,
});
const suggestion = (name: string) => ({
  field: name,
  path: `src.${name}`,
  score: 0.9,
  reason: 'the same name',
  row: { from: `src.${name}` },
  lookup: null,
});
const KNOWN: Known = {
  rows: { name: { from: 'src.Name' }, lines: { each: 'src.Lines' } },
  target: [field('name', true), field('memo'), field('entity', true)],
  edited: new Map([['name', { from: 'src.Name' }]]),
  suggestions: [],
  errors: new Map(),
  chosen: null,
};
const shown = (filter: Filter, known: Partial<Known> = {}) =>
  linesOf({ ...KNOWN, ...known })
    .filter((line) => fits(line, filter))
    .map(({ name }) => name);

describe('filters of the rows', () => {
  test('rows come in the order of the file, then what has none, required first', () => {
    expect(shown('All')).toEqual(['name', 'lines', 'entity', 'memo']);
    expect(shown('Required')).toEqual(['name', 'entity']);
    expect(shown('Unmapped')).toEqual(['entity', 'memo']);
    expect(shown('Changed')).toEqual(['name']);
    expect(shown('All', { chosen: 'new' })).not.toContain('new');
    expect(linesOf({ ...KNOWN, chosen: 'new' }).at(-1)?.name).toBe('new');
  });

  test('suggested are the fields without a row that a proposal fills, its parts too, and never one with a row', () => {
    const suggestions = [suggestion('entity.id'), suggestion('name'), suggestion('memoOld')];

    expect(shown('Suggested', { suggestions })).toEqual(['entity']);
    expect(shown('Suggested')).toEqual([]);
  });

  test('errors are rows that something is wrong with, rows of a list with it, and what only an error names', () => {
    const errors = new Map([
      ['lines.sku', ['no such part']],
      ['custbody', ['refused']],
      ['nameOld', ['gone']],
    ]);

    expect(shown('Errors', { errors })).toEqual(['lines', 'custbody', 'nameOld']);
    expect(shown('All', { errors })).toEqual(['name', 'lines', 'entity', 'memo']);
    expect(linesOf({ ...KNOWN, errors }).find(({ name }) => name === 'lines')?.errors).toEqual([
      'no such part',
    ]);
  });
});

describe('what is wrong with rows', () => {
  const record = (id: string, more: Partial<PreviewRecord>): PreviewRecord => ({
    id,
    why: [],
    kind: 'mapped',
    outcome: 'update',
    error: null,
    items: [],
    presentKnown: true,
    ...more,
  });
  const group = (more: Partial<ErrorGroup>) =>
    ({ field: 'amount', count: 3, message: 'Amount: # is not a figure', ...more }) as ErrorGroup;

  test('comes from the refusal, from records of the sample and from what waits, each said once', () => {
    const error = { code: 'bad_value', message: 'not a date', row: 'closeDate' };
    const draft = { field: 'rate', draft: null, live: null, present: null, differs: true, error: { ...error, row: null } }; // prettier-ignore
    const records = [
      record('006A', { kind: 'failed', error }),
      record('006A', { items: [{ ref: 'a', fields: [draft, { ...draft, field: 'fine', error: null }] }] }), // prettier-ignore
    ];
    const problem = { row: 'name', pointer: '/fields/name', code: 'x', message: 'unknown step' };
    const refusal = new ApiError(422, 'no', [problem, problem, { ...problem, row: null }], null);
    const waiting = [group({}), group({ field: null })];

    expect([...rowErrors({ preview: { records, notes: [] }, refusal, waiting })]).toEqual([
      ['name', ['unknown step']],
      ['closeDate', ['006A: not a date']],
      ['rate', ['006A: not a date']],
      ['amount', ['3 waiting: Amount: # is not a figure']],
    ]);
    expect(rowErrors({ preview: undefined, refusal: new Error('away'), waiting: [] }).size).toBe(0);
  });
});
