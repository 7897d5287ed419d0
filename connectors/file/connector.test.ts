import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { loopbackEgress } from '../../test/support/egress.ts';
import { fixedClock } from '../../src/kernel/clock.ts';
import { silentLogger } from '../../src/kernel/logger.ts';
import type { ConnectorSession } from '../../src/sdk/define-connector.ts';
import type { PageToken, SourceRecord, UnreadableRecord } from '../../src/sdk/record.ts';
import connector from './index.ts';

const WINDOW = { mode: 'full', from: null, to: null } as const;
const HEADER = 'employee_number,start_date,display_name\n';

let base: string;
let directory: string;

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'files-'));
  directory = join(base, 'drop');
  mkdirSync(directory);
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

const put = (name: string, text: string | Buffer): void =>
  writeFileSync(join(directory, name), text);
const open = (config: Record<string, unknown> = {}): Promise<ConnectorSession> =>
  connector.open({
    connection: 'files',
    config: connector.config.parse({ directory, ...config }),
    secrets: {},
    egress: loopbackEgress(),
    clock: fixedClock('2026-03-02T08:00:00Z'),
    logger: silentLogger,
  });

interface ReadResult {
  readonly records: readonly SourceRecord[];
  readonly unreadable: readonly UnreadableRecord[];
  readonly pages: number;
}

async function readAll(stream: string, session?: ConnectorSession): Promise<ReadResult> {
  const from = session ?? (await open());
  const records: SourceRecord[] = [];
  const unreadable: UnreadableRecord[] = [];
  let after: PageToken | null = null;
  let pages = 0;
  do {
    const page = await from.readPage(stream, WINDOW, after);
    records.push(...page.records);
    unreadable.push(...page.unreadable);
    pages += 1;
    after = page.next;
  } while (after !== null);
  await from.close();
  return { records, unreadable, pages };
}

const counted = async (stream: string): Promise<number | null> =>
  (await open()).countWindow(stream, WINDOW);

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
    expect(await (await open()).listIds('named-users', WINDOW)).toHaveLength(9);
  });

  test('a line without end is refused', async () => {
    put('named-users.ndjson', 'x'.repeat(1_200_000));

    await expect(readAll('named-users')).rejects.toThrow(/line 1: the line is longer than 1 MiB/);
  });
});

describe('pages', () => {
  const many = (count: number): string =>
    HEADER + Array.from({ length: count }, (_, at) => `E${at},2026-01-01,N${at}\n`).join('');

  test('a large file comes in pages, once each row, and the count agrees', async () => {
    put('employment.csv', many(1234));

    const { records, pages } = await readAll('employment');

    expect(pages).toBe(3);
    expect(new Set(records.map(({ id }) => id)).size).toBe(1234);
    expect(await counted('employment')).toBe(1234);
  });

  test('a read goes on from its token in another session, and still knows the keys before', async () => {
    put('employment.csv', `${many(600)}E3,2026-01-01,again\n`);
    const first = await open();
    const { next } = await first.readPage('employment', WINDOW, null);
    await first.close();

    const second = await open();
    const page = await second.readPage('employment', WINDOW, next);

    expect(page.records.map(({ id }) => id)[0]).toBe('E500|2026-01-01');
    expect(page.records).toHaveLength(100);
    expect(page.unreadable).toMatchObject([{ code: 'duplicate_key' }]);
    expect(page.next).toBeNull();
  });

  test('F-31: a file that is replaced between two pages is a conflict, in this session or another', async () => {
    put('employment.csv', many(600));
    const session = await open();
    const { next } = await session.readPage('employment', WINDOW, null);

    put('employment.csv', many(700));

    await expect(session.readPage('employment', WINDOW, next)).rejects.toMatchObject({
      code: 'remote_conflict',
    });
    await expect((await open()).readPage('employment', WINDOW, next)).rejects.toMatchObject({
      code: 'remote_conflict',
    });
  });

  test('a file that is replaced after the last page cannot be counted for it', async () => {
    put('employment.csv', many(3));
    const session = await open();
    await session.readPage('employment', WINDOW, null);

    put('employment.csv', many(3).replace('N1', 'N9'));

    await expect(session.countWindow('employment', WINDOW)).rejects.toThrow(
      /changed while it was read/,
    );
  });

  test('records are found by id, and a row that is gone comes as a tombstone', async () => {
    put('employment.csv', many(3));

    const records = await (
      await open()
    ).readByIds('employment', ['E9|2026-01-01', 'E1|2026-01-01']);

    expect(records.map(({ id, deleted }) => [id, deleted])).toEqual([
      ['E9|2026-01-01', true],
      ['E1|2026-01-01', false],
    ]);
  });
});

describe('the directory is a fence', () => {
  test.each([
    '../secret.csv',
    '/etc/passwd.csv',
    'a/../../secret.csv',
    String.raw`..\secret.csv`,
    'secret.txt',
  ])('the file name %s is refused by the settings', (name) => {
    const found = connector.config.safeParse({ directory, files: { employment: name } });

    expect(found.success).toBe(false);
  });

  test.each(['relative/path', 'drop', ''])(
    'the directory "%s" is refused: it must be absolute',
    (path) => {
      expect(connector.config.safeParse({ directory: path }).success).toBe(false);
    },
  );

  test('a link that leads out is refused, directly or through a folder', async () => {
    writeFileSync(join(base, 'secret.csv'), `${HEADER}E1,2026-01-01,secret\n`);
    symlinkSync(join(base, 'secret.csv'), join(directory, 'employment.csv'));
    symlinkSync(base, join(directory, 'up'));

    await expect(readAll('employment')).rejects.toThrow(/leads out of the connection/);
    const through = await open({ files: { employment: 'up/secret.csv' } });
    await expect(readAll('employment', through)).rejects.toThrow(/leads out of the connection/);
  });

  test('a neighbour whose name begins alike is outside', async () => {
    mkdirSync(join(base, 'drop2'));
    writeFileSync(join(base, 'drop2', 'x.csv'), HEADER);
    symlinkSync(join(base, 'drop2', 'x.csv'), join(directory, 'employment.csv'));

    await expect(readAll('employment')).rejects.toThrow(/leads out of the connection/);
  });

  test('a folder in the place of a file is refused', async () => {
    mkdirSync(join(directory, 'employment.csv'));

    await expect(readAll('employment')).rejects.toThrow('is not a regular file');
  });

  test('an absent file is a refusal, never an empty read', async () => {
    await expect(readAll('employment')).rejects.toThrow(
      'There is no employment.csv or employment.ndjson',
    );
    await expect(counted('employment')).rejects.toMatchObject({ code: 'remote_rejected' });
  });

  test('two files for one stream are a question for a person', async () => {
    put('employment.csv', HEADER);
    put('employment.ndjson', '');

    await expect(readAll('employment')).rejects.toThrow(/Both .* exist/);
  });

  test('a directory that is not there says so', async () => {
    const session = await open({ directory: join(base, 'nowhere') });

    await expect(readAll('employment', session)).rejects.toMatchObject({
      code: 'remote_unavailable',
    });
  });
});

describe('fields and checks', () => {
  test('describe gives the columns of the file as it is', async () => {
    put('employment.csv', 'employee_number,start_date,shoe_size\n');

    const { fields } = await (await open()).describe('employment');

    expect(fields.map(({ name, key, custom }) => [name, key, custom])).toEqual([
      ['employee_number', true, false],
      ['start_date', true, false],
      ['shoe_size', false, true],
    ]);
    await expect((await open()).describe('payroll')).rejects.toThrow(/no stream payroll/);
  });

  test('check says of each stream whether its file can be read', async () => {
    put('employment.csv', HEADER);
    put('agreements.csv', 'agreement_number,name\n');

    const checks = await (await open()).check();

    expect(checks.map(({ name, ok }) => [name, ok])).toEqual([
      ['read employment', true],
      ['read agreements', false],
      ['read named-users', false],
    ]);
  });

  test('it only reads', async () => {
    await expect((await open()).write('employment', [])).rejects.toMatchObject({
      code: 'remote_rejected',
    });
    await expect((await open()).readBack('employment', [])).rejects.toMatchObject({
      code: 'remote_rejected',
    });
  });
});
