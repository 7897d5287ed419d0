import { expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { csvText } from './csv-text.ts';

const COLUMNS = [
  { title: 'name', value: (row: { name: string }) => row.name },
  { title: 'count', value: () => -3 },
  { title: 'none', value: () => null },
];

test('a text that a spreadsheet would run is kept from it; a figure stays a figure', () => {
  const evil = ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1'];

  const rows = parse(
    csvText(
      evil.map((name) => ({ name })),
      COLUMNS,
    ),
  ) as string[][];

  expect(rows.slice(1).map(([name]) => name)).toEqual(evil.map((name) => `'${name}`));
  expect(rows[1]?.slice(1)).toEqual(['-3', '']);
});

test('commas, quotes and line ends come back as they were', () => {
  const names = ['a,b', 'say "x"', 'one\r\ntwo', 'plain'];

  const rows = parse(
    csvText(
      names.map((name) => ({ name })),
      COLUMNS,
    ),
  ) as string[][];

  expect(rows.slice(1).map(([name]) => name)).toEqual(names);
});
