import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { useFileDrop, WINDOW } from '../../test/support/file-drop.ts';
import connector from './index.ts';

const HEADER = 'employee_number,start_date,display_name\n';
const { put, open, readAll, counted, base, directory } = useFileDrop();

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

    const { records } = await (
      await open()
    ).readByIds('employment', ['E9|2026-01-01', 'E1|2026-01-01']);

    expect(records.map(({ id, deleted }) => [id, deleted])).toEqual([
      ['E9|2026-01-01', true],
      ['E1|2026-01-01', false],
    ]);
  });
});

describe('the directory() is a fence', () => {
  test.each([
    '../secret.csv',
    '/etc/passwd.csv',
    'a/../../secret.csv',
    String.raw`..\secret.csv`,
    'secret.txt',
  ])('the file name %s is refused by the settings', (name) => {
    const found = connector.config.safeParse({
      directory: directory(),
      files: { employment: name },
    });

    expect(found.success).toBe(false);
  });

  test.each(['relative/path', 'drop', ''])(
    'the directory() "%s" is refused: it must be absolute',
    (path) => {
      expect(connector.config.safeParse({ directory: path }).success).toBe(false);
    },
  );

  test('a link that leads out is refused, directly or through a folder', async () => {
    writeFileSync(join(base(), 'secret.csv'), `${HEADER}E1,2026-01-01,secret\n`);
    symlinkSync(join(base(), 'secret.csv'), join(directory(), 'employment.csv'));
    symlinkSync(base(), join(directory(), 'up'));

    await expect(readAll('employment')).rejects.toThrow(/leads out of the connection/);
    const through = await open({ files: { employment: 'up/secret.csv' } });
    await expect(readAll('employment', through)).rejects.toThrow(/leads out of the connection/);
  });

  test('a neighbour whose name begins alike is outside', async () => {
    mkdirSync(join(base(), 'drop2'));
    writeFileSync(join(base(), 'drop2', 'x.csv'), HEADER);
    symlinkSync(join(base(), 'drop2', 'x.csv'), join(directory(), 'employment.csv'));

    await expect(readAll('employment')).rejects.toThrow(/leads out of the connection/);
  });

  test('a folder in the place of a file is refused', async () => {
    mkdirSync(join(directory(), 'employment.csv'));

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

  test('a directory() that is not there says so', async () => {
    const session = await open({ directory: join(base(), 'nowhere') });

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

  test('only the streams that the settings choose are checked', async () => {
    put('agreements.csv', 'agreement_number,sku\n');

    const checks = await (await open({ streams: 'agreements' })).check();

    expect(checks.map(({ name, ok }) => [name, ok])).toEqual([['read agreements', true]]);
  });

  test.each([
    [undefined, ['employment', 'agreements', 'named-users']],
    ['agreements', ['agreements']],
    ['agreements, employment', ['agreements', 'employment']],
    [['named-users'], ['named-users']],
  ])('the setting streams %j reads %j', (streams, read) => {
    const config = connector.config.parse({ directory: directory(), streams });

    expect(connector.streamsOf?.(config)).toEqual(read);
  });

  test.each([['payroll'], ['']])('the setting streams %j is refused', (streams) => {
    expect(connector.config.safeParse({ directory: directory(), streams }).success).toBe(false);
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
