import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { useFileDrop, WINDOW } from '../../test/support/file-drop.ts';

const HEADER = 'employee_number,start_date,display_name\n';
const { put, open, readAll, counted } = useFileDrop();

describe('CSV', () => {
  test('a row becomes a record of text, known by its key columns', async () => {
    put('employment.csv', `${HEADER}E1,2026-01-01,"Doe, Jane"\nE2,2026-02-01,=1+1\n`);

    const { records } = await readAll('employment');

    expect(records).toEqual([
      {
        id: 'E1|2026-01-01',
        stamp: null,
        deleted: false,
        data: { employee_number: 'E1', start_date: '2026-01-01', display_name: 'Doe, Jane' },
      },
      {
        id: 'E2|2026-02-01',
        stamp: null,
        deleted: false,
        data: { employee_number: 'E2', start_date: '2026-02-01', display_name: '=1+1' },
      },
    ]);
  });

  test.each([
    ['a byte order mark', `\uFEFF${HEADER}E1,2026-01-01,A\n`],
    [
      'a quoted first column after a byte order mark',
      `\uFEFF"employee_number",start_date,display_name\nE1,2026-01-01,A\n`,
    ],
    ['line ends of Windows', `${HEADER}E1,2026-01-01,A\n`.replaceAll('\n', '\r\n')],
    ['line ends of old spreadsheets', `${HEADER}E1,2026-01-01,A\n`.replaceAll('\n', '\r')],
    ['mixed line ends', `${HEADER}E1,2026-01-01,A\r\n`],
    ['no line end at its end', `${HEADER}E1,2026-01-01,A`],
    ['blank and empty rows', `${HEADER}\n\nE1,2026-01-01,A\n,,\n   ,"",\n\n`],
  ])('%s changes nothing', async (_case, text) => {
    put('employment.csv', text);

    const { records, unreadable } = await readAll('employment');

    expect(unreadable).toEqual([]);
    expect(records.map(({ data }) => data)).toEqual([
      { employee_number: 'E1', start_date: '2026-01-01', display_name: 'A' },
    ]);
    expect(await counted('employment')).toBe(1);
  });

  test('any text in a cell survives, and the count, made by other code, agrees', async () => {
    const cell = fc.oneof(
      fc.string({ unit: fc.constantFrom('"', ',', '\n', '\r', ' ', 'a', 'ß', '=', '\uFEFF') }),
      fc.string({ unit: 'grapheme' }),
    );
    const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
    await fc.assert(
      fc.asyncProperty(fc.array(cell, { maxLength: 30 }), async (cells) => {
        const rows = cells.map((text, at) => `E${at},2026-01-01,${quoted(text)}\n`).join('');
        put('employment.csv', HEADER + rows);

        const { records, unreadable } = await readAll('employment');

        expect(records.map(({ data }) => data['display_name'])).toEqual(cells);
        expect(unreadable).toEqual([]);
        expect(await counted('employment')).toBe(cells.length);
      }),
      { numRuns: 60 },
    );
  });

  test('a cell of one quote is data, and a line break in the first name is no row, also for the count', async () => {
    put(
      'employment.csv',
      '\uFEFF"display\nname",employee_number,start_date\n"""",,\n"""a""",E1,2026-01-01\n',
    );

    const { records, unreadable } = await readAll('employment');

    expect(records.map(({ data }) => data['display\nname'])).toEqual(['"a"']);
    expect(unreadable.map(({ id, code }) => [id, code])).toEqual([['line:3', 'no_key']]);
    expect(await counted('employment')).toBe(2);
  });

  test('rows that cannot be used are reported with their line, and the rest is read', async () => {
    put(
      'employment.csv',
      `${HEADER}E1,2026-01-01,"two\nlines"\nE2,2026-01-01,A,extra\nE3\n,2026-01-01,B\nE4,2026-01-01,say "hi"\nE1,2026-01-01,again\nE5,2026-01-01,C\n`,
    );

    const { records, unreadable } = await readAll('employment');

    expect(records.map(({ id }) => id)).toEqual(['E1|2026-01-01', 'E5|2026-01-01']);
    expect(unreadable.map(({ id, code, outcome }) => [id, code, outcome])).toEqual([
      ['line:4', 'wrong_columns', 'quarantined'],
      ['line:5', 'wrong_columns', 'quarantined'],
      ['line:6', 'no_key', 'quarantined'],
      ['line:7', 'bad_quotes', 'quarantined'],
      ['E1|2026-01-01#line:8', 'duplicate_key', 'quarantined'],
    ]);
    expect(unreadable.at(-1)?.reason).toContain(
      'line 8: the same employee_number + start_date stands on line 2',
    );
    expect(JSON.stringify(unreadable)).not.toContain('say');
    expect(await counted('employment')).toBe(7);
  });

  test.each([
    [
      'an open quote',
      `${HEADER}E1,2026-01-01,A\nE2,2026-01-01,"B\nE3,2026-01-01,C\n`,
      /a quote is never closed/,
    ],
    [
      'text after a closing quote',
      `${HEADER}E1,2026-01-01,"A"x\nE2,2026-01-01,"B"\n`,
      /line 2: text follows a closing quote/,
    ],
    ['a row without end', `${HEADER}E1,2026-01-01,${'x'.repeat(1_100_000)}\n`, /longer than 1 MiB/],
    ['no key column', 'employee_number,name\nE1,A\n', /lacks the key column start_date/],
    ['semicolons', 'employee_number;start_date\nE1;2026-01-01\n', /separated by commas/],
    ['a column twice', 'employee_number,start_date,start_date\n', /"start_date" twice/],
    ['a column without a name', 'employee_number,start_date,\n', /column without a name/],
    ['a column that is a trap', 'employee_number,start_date,__proto__\n', /never data/],
    ['nothing', '', /no first row/],
  ])('a file with %s is refused as a whole, never read in part', async (_case, text, message) => {
    put('employment.csv', text);

    await expect(readAll('employment')).rejects.toThrow(message);
  });

  test('text that is not UTF-8 is refused', async () => {
    put(
      'employment.csv',
      Buffer.concat([Buffer.from(HEADER), Buffer.from([0x45, 0xff, 0xfe, 0x0a])]),
    );

    await expect(readAll('employment')).rejects.toThrow('is not UTF-8 text');
  });

  test('the connection may name other files and other keys', async () => {
    put('hr.csv', 'pid,name\nP|1,A\n');

    const session = await open({ files: '{"employment":"hr.csv"}', keys: { employment: ['pid'] } });

    expect((await readAll('employment', session)).records[0]?.id).toBe(String.raw`P\|1`);
  });
});

describe('NDJSON', () => {
  test('figures keep their digits, blank lines do not count, bad lines are reported', async () => {
    put(
      'named-users.ndjson',
      '\uFEFF{"id":"a","n":9007199254740993}\r\n\n{"id":7,"price":0.1}\n{"id":"b"\n[1]\n{"id":"c","x":{"__proto__":{}}}\n{"name":"no id"}\n{"id":"a"}\n,\n{"id":"last"}',
    );

    const { records, unreadable } = await readAll('named-users');

    expect(records.map(({ id, data }) => [id, data])).toEqual([
      ['a', { id: 'a', n: '9007199254740993' }],
      ['7', { id: 7, price: 0.1 }],
      ['last', { id: 'last' }],
    ]);
    expect(unreadable.map(({ id, code }) => [id, code])).toEqual([
      ['line:4', 'not_json'],
      ['line:5', 'not_an_object'],
      ['line:6', 'forbidden_member'],
      ['line:7', 'no_key'],
      ['a#line:8', 'duplicate_key'],
      ['line:9', 'not_json'],
    ]);
    expect(await counted('named-users')).toBe(9);
    expect(await (await open()).listKeys('named-users', WINDOW)).toHaveLength(9);
  });

  test('a line without end is refused', async () => {
    put('named-users.ndjson', 'x'.repeat(1_200_000));

    await expect(readAll('named-users')).rejects.toThrow(/line 1: the line is longer than 1 MiB/);
  });
});
