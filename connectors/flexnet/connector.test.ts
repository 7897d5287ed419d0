import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSource } from '../../test/support/connector-source.ts';
import type { ConnectorSession } from '../../src/sdk/define-connector.ts';
import connector from './index.ts';

const WINDOW = { mode: 'incremental', from: null, to: null } as const;

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'trueup-flexnet-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const open = (): Promise<ConnectorSession> =>
  openSource(connector, {
    config: { directory, server: 'lic1', timeZone: 'UTC', streams: 'checkouts,denials,features',},
    secrets: {},
  }); // prettier-ignore
const write = (name: string, lines: readonly string[]): Promise<void> =>
  writeFile(join(directory, name), lines.map((line) => `${line}\n`).join(''));

const START = '0:00:00 (lmgrd) TIMESTAMP 3/2/2026';
const many = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, at) => `9:00:00 (cad) OUT: "cad" u${at}@h1`);

describe('a log that is written while it is read', () => {
  test('what comes after the first page belongs to the next read, and the count agrees', async () => {
    await write('lmgrd.log', [START, ...many(1500)]);
    const session = await open();

    const first = await session.readPage('checkouts', WINDOW, null);
    await appendFile(join(directory, 'lmgrd.log'), '9:01:00 (cad) OUT: "cad" late@h1\n');
    const second = await session.readPage('checkouts', WINDOW, first.next);

    expect([first.records.length, second.records.length, second.next]).toEqual([1000, 500, null]);
    expect(await session.countWindow('checkouts', WINDOW)).toBe(1500);
    expect(await session.listKeys('checkouts', WINDOW)).toHaveLength(1500);
  });

  test('a line that is still being written waits for the next read', async () => {
    await write('lmgrd.log', [START, ...many(1)]);
    await appendFile(join(directory, 'lmgrd.log'), '9:01:00 (cad) OUT: "ca');
    const session = await open();

    const page = await session.readPage('checkouts', WINDOW, null);

    expect([page.records.length, page.unreadable]).toEqual([1, []]);
    expect(await session.countWindow('checkouts', WINDOW)).toBe(1);
  });

  test('a log that was rotated between two pages is a conflict, not half a read', async () => {
    await write('lmgrd.log', [START, ...many(1500)]);
    const session = await open();
    const { next } = await session.readPage('checkouts', WINDOW, null);
    await session.close();
    await rm(join(directory, 'lmgrd.log'));
    await write('other', ['x']);
    await write('lmgrd.log', [START]);

    await expect(session.readPage('checkouts', WINDOW, next)).rejects.toThrow(/replaced/);
  });

  test('what an older log held is not gone: it is neither a tombstone nor there', async () => {
    await write('lmgrd.log', [START, ...many(1)]);

    const session = await open();

    expect(await session.readByIds('checkouts', ['lic1|cad|cad||old@h1|2026-01-01T09:00:00.000Z'])).toEqual({ records: [], unreadable: [] }); // prettier-ignore
  });
});

describe('records', () => {
  test('a line that cannot be read waits for a person, and the count knows it', async () => {
    await write('lmgrd.log', [START, '9:00:00 (cad) OUT: cad u1@h1', ...many(2)]);
    const session = await open();

    const page = await session.readPage('checkouts', WINDOW, null);

    expect(page.unreadable).toMatchObject([
      { reason: expect.stringMatching(/^lmgrd\.log, line 2: /), outcome: 'quarantined' },
    ]);
    expect(page.records).toHaveLength(2);
    expect(await session.countWindow('checkouts', WINDOW)).toBe(3);
  });

  test('the same use twice in one second is two records', async () => {
    await write('lmgrd.log', [START, '9:00:00 (cad) OUT: "cad" u@h', '9:00:00 (cad) OUT: "cad" u@h']); // prettier-ignore
    const session = await open();

    const { records } = await session.readPage('checkouts', WINDOW, null);

    expect(new Set(records.map(({ id }) => id)).size).toBe(2);
  });

  test('G-13: a denial carries the server’s own code', async () => {
    await write('lmgrd.log', [START, '9:10:00 (cad) DENIED: "cad" u3@h3 (Licensed number of users already reached. (-4,342:0))']); // prettier-ignore
    const session = await open();

    const { records } = await session.readPage('denials', WINDOW, null);

    expect(records).toMatchObject([{ data: { reason_code: '-4', at: '2026-03-02T09:10:00.000Z' } }]); // prettier-ignore
  });
});

describe('lmstat', () => {
  const LMSTAT = [
    'lmstat - Copyright (c) 1989-2021 Flexera. All Rights Reserved.',
    'Flexible License Manager status on Mon 3/2/2026 09:00',
    'Users of cad:  (Total of 10 licenses issued;  Total of 3 licenses in use)',
    '  "cad" v2026.0, vendor: cad, expiry: permanent(no expiration date)',
    '    ann host1 /dev/pts/0 (v2026.0) (lic1/27000 101), start Mon 3/2 8:55',
    '    bob host2 :0 (v2026.0) (lic1/27000 201), start Mon 3/2 8:57, 2 licenses',
    'Users of render:  (Uncounted, node-locked)',
    'Users of sim:  (Error: 2 licenses, unsupported by licensed server)',
  ];

  test('issued, in use and holders are read; a feature in error waits for a person', async () => {
    await write('lmstat.txt', LMSTAT);
    const session = await open();

    const page = await session.readPage('features', WINDOW, null);

    expect(page.records.map(({ data }) => data)).toEqual([
      {
        server: 'lic1',
        feature: 'cad',
        issued: 10,
        in_use: 3,
        at: '2026-03-02T09:00:00.000Z',
        holders: [
          { user: 'ann', host: 'host1', licences: 1 },
          { user: 'bob', host: 'host2', licences: 2 },
        ],
      },
      expect.objectContaining({ feature: 'render', issued: null, in_use: null }),
    ]);
    expect(page.unreadable).toMatchObject([{ id: 'line:8' }]);
    expect(await session.countWindow('features', WINDOW)).toBe(3);
  });

  test('of several outputs in one file the last one counts', async () => {
    await write('lmstat.txt', [...LMSTAT, ...LMSTAT.slice(1, 3)]);
    const session = await open();

    expect((await session.readPage('features', WINDOW, null)).records).toHaveLength(1);
    expect(await session.countWindow('features', WINDOW)).toBe(1);
  });
});
