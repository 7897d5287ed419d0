import { expect, test } from '@jest/globals';
import { csvText, ndjsonText } from './file-text.ts';

test('cells with commas, quotes and line breaks are quoted as RFC 4180 says', () => {
  const text = csvText([
    { id: '1', name: 'Sales, "EMEA"' },
    { id: '2', name: 'two\nlines' },
    { id: '3', name: '' },
  ]);

  expect(text).toBe('id,name\n1,"Sales, ""EMEA"""\n2,"two\nlines"\n3,\n');
});

test('an NDJSON text has one object a line', () => {
  expect(ndjsonText([{ id: 'a' }, { id: 'b', at: '2026-03-01' }])).toBe(
    '{"id":"a"}\n{"id":"b","at":"2026-03-01"}\n',
  );
});
