import { describe, expect, test } from '@jest/globals';
import { coverageWords, isFilled, unmappedFields } from './target-fields.ts';

const field = (name: string, more: { required?: boolean; readOnly?: boolean } = {}) => ({
  name,
  label: name,
  type: 'string',
  required: more.required === true,
  readOnly: more.readOnly === true,
  key: false,
  custom: false,
});

describe('target fields', () => {
  test('a row fills its own field, the record around it and the items of its list, and no neighbour', () => {
    const rows = { 'entity.id': {}, 'item.items': {}, accountRef: {} };

    expect(isFilled(rows, 'entity')).toBe(true);
    expect(isFilled(rows, 'item.items.quantity')).toBe(true);
    expect(isFilled(rows, 'entityName')).toBe(false);
    expect(isFilled(rows, 'account')).toBe(false);
    expect(isFilled(rows, 'accountRefOld')).toBe(false);
    expect(isFilled(rows, 'item.other')).toBe(false);
  });

  test('only what may be written waits for a row and counts as required', () => {
    const fields = [
      field('a', { required: true }),
      field('b', { required: true }),
      field('c', { required: true, readOnly: true }),
      field('d'),
    ];

    expect(unmappedFields(fields, { a: {} }).map(({ name }) => name)).toEqual(['b', 'd']);
    expect(coverageWords(fields, { a: {} })).toBe('1 of 2 required fields have a row');
    expect(coverageWords([field('d')], {})).toBe('No field is required');
  });
});
