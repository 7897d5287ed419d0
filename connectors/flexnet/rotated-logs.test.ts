import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  appendFile,
  copyFile,
  mkdtemp,
  rename,
  rm,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '../../src/sdk/kernel.ts';
import { openSource } from '../../test/support/connector-source.ts';
import type { ConnectorSession } from '../../src/sdk/define-connector.ts';
import type { ReadWindow, SourceRecord } from '../../src/sdk/record.ts';
import connector from './index.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'trueup-rotated-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const open = (more: JsonObject = {}): Promise<ConnectorSession> =>
  openSource(connector, {
    config: { directory, server: 'lic1', timeZone: 'UTC', streams: 'checkouts,denials,features', ...more },
    secrets: {},
  }); // prettier-ignore
const write = (name: string, lines: readonly string[]): Promise<void> =>
  writeFile(join(directory, name), lines.map((line) => `${line}\n`).join(''));

const START = '0:00:00 (lmgrd) TIMESTAMP 3/2/2026';
const many = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, at) => `9:00:00 (cad) OUT: "cad" u${at}@h1`);

describe('a log that is rotated', () => {
  const LOG = 'lmgrd.log';
  const OLD = 'lmgrd.log.1';
  const rotated = () => open({ rotatedLogs: 'lmgrd.log.*' });
  const out = (time: string, user: string) => `${time} (cad) OUT: "cad" ${user}@h1`;
  const back = (time: string, user: string) => `${time} (cad) IN: "cad" ${user}@h1`;
  const append = (name: string, ...lines: readonly string[]) =>
    appendFile(join(directory, name), lines.map((line) => `${line}\n`).join(''));
  const move = (from: string, to: string) => rename(join(directory, from), join(directory, to));
  /** Reads a stream the way a pull does, telling it what the window before gave to carry on. */
  async function pull(session: ConnectorSession, before?: ReadWindow, stream = 'checkouts') {
    const window = await session.openWindow(stream, before?.to ?? null, before?.carry ?? null);
    const page = await session.readPage(stream, window, null);
    const count = await session.countWindow(stream, window);
    return { ...page, window, count, keys: await session.listKeys(stream, window) };
  }
  const uses = ({ records }: { readonly records: readonly SourceRecord[] }) =>
    records.map(({ data }) => [data['user'], data['out_at'], data['in_at']]);

  test('what was written between the last read and the rotation is read, and a check-out finds its check-in', async () => {
    await write(LOG, [START, out('9:00:00', 'ann')]);
    const session = await rotated();
    const first = await pull(session);
    await append(LOG, out('9:30:00', 'bob'), back('9:45:00', 'bob'));
    await move(LOG, OLD);
    await write(LOG, ['10:00:00 (lmgrd) TIMESTAMP 3/2/2026', back('10:05:00', 'ann')]);

    const second = await pull(session, first.window);

    expect(uses(second)).toEqual([
      ['ann', '2026-03-02T09:00:00.000Z', '2026-03-02T10:05:00.000Z'],
      ['bob', '2026-03-02T09:30:00.000Z', '2026-03-02T09:45:00.000Z'],
    ]);
    expect(second).toMatchObject({ unreadable: [], count: 2 });
    expect(second.window).toMatchObject({
      isLog: true,
      from: '2026-03-02T00:00:00.000Z',
      to: '2026-03-02T10:05:01.000Z',
    });
    expect(second.window).not.toHaveProperty('unprovable');
    expect(second.records[0]?.id).toBe(first.records[0]?.id);
  });

  test('copytruncate: while the copy and the log are alike, nothing is counted twice', async () => {
    await write(LOG, [START, out('9:00:00', 'ann'), out('9:00:00', 'ann')]);
    await copyFile(join(directory, LOG), join(directory, OLD));
    await append(LOG, out('9:10:00', 'bob'));
    const session = await rotated();
    const alike = await pull(session);
    // Emptied now: the log goes on in the middle of a day that only the copy names.
    await append(OLD, out('9:10:00', 'bob'));
    await write(LOG, [back('9:20:00', 'ann'), out('23:59:00', 'cy')]);
    await append(LOG, out('0:01:00', 'dee'));

    const emptied = await pull(session, alike.window);

    expect([alike.records.length, alike.count]).toEqual([3, 3]);
    expect([emptied.records.length, emptied.count]).toEqual([5, 5]);
    expect(emptied.records.at(-1)?.data).toMatchObject({ out_at: '2026-03-03T00:01:00.000Z' });
    expect(emptied.window).not.toHaveProperty('unprovable');
  });

  test('copytruncate of a log that is not opened to append: the hole before its lines says nothing of which log it is', async () => {
    const hole = (name: string, bytes: number, ...lines: readonly string[]) =>
      writeFile(
        join(directory, name),
        Buffer.concat([
          Buffer.alloc(bytes),
          Buffer.from(lines.map((line) => `${line}\n`).join('')),
        ]),
      );
    const day = (date: number) => `0:00:00 (lmgrd) TIMESTAMP 3/${date}/2026`;
    await write('lmgrd.log.2', [START, out('9:00:00', 'ann')]);
    await hole(OLD, 9_000, day(3), out('9:00:00', 'bob'));
    await hole(LOG, 18_000, day(4), out('9:00:00', 'cy'));
    const whole = await pull(await rotated());
    const known = await pull(await open());
    await hole(LOG, 27_000, day(5), out('9:00:00', 'dee'));
    const lost = await pull(await open(), known.window);

    expect(uses(whole).map(([user]) => user)).toEqual(['ann', 'bob', 'cy']);
    expect(whole.count).toBe(3);
    expect(lost).toMatchObject({ count: null, window: { unprovable: expect.any(String) } });
  });

  test('pieces are read in the order in which they were written, whatever they are called', async () => {
    const day = (date: number) => `0:00:00 (lmgrd) TIMESTAMP 3/${date}/2026`;
    const age = (name: string, seconds: number) => utimes(join(directory, name), seconds, seconds);
    await write('lmgrd.log.a', [day(4), back('1:00:00', 'ann')]);
    await write('lmgrd.log.b', [day(2), out('1:00:00', 'ann')]);
    await write('lmgrd.log.c', [day(3), back('1:00:00', 'ann'), out('2:00:00', 'ann')]);
    await write(LOG, [day(5)]);
    const byDate = uses(await pull(await rotated()));
    await write('lmgrd.log.a', [back('0:30:00', 'ann')]);
    for (const [at, name] of ['b', 'c', 'a'].entries()) await age(`lmgrd.log.${name}`, 1000 + at);
    const byAge = uses(await pull(await rotated()));

    const first = ['ann', '2026-03-02T01:00:00.000Z', '2026-03-03T01:00:00.000Z'];
    expect(byDate).toEqual([
      first,
      ['ann', '2026-03-03T02:00:00.000Z', '2026-03-04T01:00:00.000Z'],
    ]);
    expect(byAge).toEqual([first, ['ann', '2026-03-03T02:00:00.000Z', '2026-03-04T00:30:00.000Z']]);
  });

  test('a read whose log is rotated between two pages goes on in it under its new name', async () => {
    await write(LOG, [START, ...many(1500)]);
    const session = await rotated();
    const window = await session.openWindow('checkouts', null);
    const first = await session.readPage('checkouts', window, null);
    await session.close();
    await move(LOG, OLD);
    await write(LOG, ['10:00:00 (lmgrd) TIMESTAMP 3/2/2026', out('10:00:00', 'late')]);

    const second = await session.readPage('checkouts', window, first.next);

    expect([second.records.length, second.next]).toEqual([500, null]);
    expect(await session.countWindow('checkouts', window)).toBe(1500);
  });

  test('a check-in whose log was rotated away waits for a person, once, and the count knows it', async () => {
    await write(LOG, ['10:00:00 (lmgrd) TIMESTAMP 3/2/2026', back('10:05:00', 'ann'), out('10:06:00', 'bob')]); // prettier-ignore
    const first = await pull(await open());
    await append(LOG, out('11:00:00', 'cy'));
    await move(LOG, OLD);
    await write(LOG, ['12:00:00 (lmgrd) TIMESTAMP 3/2/2026']);
    const second = await pull(await rotated());

    expect(first.unreadable).toMatchObject([
      { code: 'check_out_missing', outcome: 'quarantined', reason: expect.stringContaining('rotatedLogs') },
    ]); // prettier-ignore
    expect(first.unreadable[0]?.reason).not.toContain('ann');
    expect([first.count, second.count]).toEqual([2, 3]);
    expect(second.unreadable.map(({ id }) => id)).toEqual(first.unreadable.map(({ id }) => id));
    const found = await (await rotated()).readByIds('checkouts', [first.unreadable[0]?.id ?? '']);
    expect(found).toMatchObject({ records: [], unreadable: [{ code: 'check_out_missing' }] });
  });

  test('a check-in that waited is told to wait no more once the log with its check-out is named', async () => {
    await write(LOG, ['10:00:00 (lmgrd) TIMESTAMP 3/2/2026', back('10:05:00', 'ann'), back('10:06:00', 'bob')]); // prettier-ignore
    const { unreadable } = await pull(await open());
    await write(OLD, [START, out('9:00:00', 'ann')]);
    const ids = unreadable.flatMap(({ id }) => id ?? []);

    const found = await (await rotated()).readByIds('checkouts', [...ids, 'line|0123']);

    expect(ids).toHaveLength(2);
    expect(found.records).toMatchObject([{ id: ids[0], deleted: true }]);
    expect(found.unreadable).toMatchObject([{ id: ids[1], code: 'check_out_missing' }]);
  });

  test('a window that cannot be proven says so: the log that the last read ended in is gone', async () => {
    await write(LOG, [START, out('9:00:00', 'ann')]);
    const session = await open();
    const first = await pull(session);
    await append(LOG, out('9:30:00', 'lost'));
    await move(LOG, 'elsewhere');
    await write(LOG, ['10:00:00 (lmgrd) TIMESTAMP 3/2/2026', out('10:05:00', 'bob')]);

    const second = await pull(session, first.window);
    const anew = await pull(session);

    expect(second).toMatchObject({
      count: null,
      window: { unprovable: expect.stringMatching(/rotatedLogs.*trueup pull --full/s) },
    });
    expect(second.records).toHaveLength(1);
    expect(anew.count).toBe(1);
  });

  test('the log that grows proves itself, and the keys tell a check-in that came since', async () => {
    await write(LOG, [START, out('9:00:00', 'ann')]);
    const first = await pull(await open());
    await append(LOG, back('9:30:00', 'ann'));

    const second = await pull(await open(), first.window);

    expect(second.count).toBe(1);
    expect([first.keys?.[0]?.stamp, second.keys?.[0]?.stamp]).toEqual([
      '2026-03-02T09:00:00.000Z',
      '2026-03-02T09:30:00.000Z',
    ]);
    const everything = { mode: 'full', from: null, to: null } as const;
    expect(await (await open()).listKeys('checkouts', everything)).toBeNull();
  });

  test.each([
    ['its name', 'lmgrd.log.2.gz', Buffer.from('text')],
    ['its first bytes', 'lmgrd.log.2', gzipSync('text')],
  ])('a compressed piece, known by %s, is refused with what to do, never left out', async (_, name, content) => {
    await write(LOG, [START]);
    await writeFile(join(directory, name), content);

    await expect(pull(await rotated())).rejects.toThrow(/compressed.*Unpack it.*rotatedLogs/s);
  }); // prettier-ignore

  test('two pieces that begin alike and then differ are refused: nobody knows which is true', async () => {
    const same = many(200);
    await write(OLD, [START, ...same, out('9:30:00', 'ann')]);
    await write('lmgrd.log.2', [START, ...same, out('9:31:00', 'bob'), out('9:32:00', 'cy')]);
    await write(LOG, ['12:00:00 (lmgrd) TIMESTAMP 3/2/2026']);

    await expect(pull(await rotated())).rejects.toThrow(/begin alike and then differ/);
  });

  test('a pattern never leads out of the directory', async () => {
    const outside = await mkdtemp(join(tmpdir(), 'trueup-outside-'));
    await writeFile(join(outside, 'lmgrd.log.9'), 'x\n');
    await write(LOG, [START]);
    await symlink(join(outside, 'lmgrd.log.9'), join(directory, 'lmgrd.log.9'));
    await symlink(outside, join(directory, 'old'));

    await expect(pull(await rotated())).rejects.toThrow(/leads out/);
    await expect(pull(await open({ rotatedLogs: 'old/*' }))).rejects.toThrow(/leads out/);
    await expect(open({ rotatedLogs: '../*' })).rejects.toThrow(/must not lead out/);
    await expect(open({ rotatedLogs: '*/lmgrd.log' })).rejects.toThrow(/in the name of the file/);
    await rm(outside, { recursive: true });
  });
});
