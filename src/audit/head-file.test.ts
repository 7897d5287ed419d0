import { appendFile, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { appendHeads, headFile, readHeads, readLastHead } from './head-file.ts';
import { signerFromSeed } from './head.ts';

const signer = signerFromSeed(Buffer.alloc(32, 1));
const head = (seq: number) =>
  signer.sign({ tenant: 'acme', seq, hash: '0a'.repeat(32), at: '2026-03-02T10:00:00.000Z' });

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'trueup-heads-'));
});
afterAll(() => rm(home, { recursive: true }));

test('heads come back in the order in which they were kept, and the last one alone', async () => {
  const path = headFile(home, 'acme');

  await appendHeads(path, [head(1)]);
  await appendHeads(
    path,
    Array.from({ length: 40 }, (_, at) => head(at + 2)),
  );

  expect((await readHeads(path)).map((each) => each.seq)).toEqual(
    Array.from({ length: 41 }, (_, at) => at + 1),
  );
  expect(await readLastHead(path)).toEqual(head(41));
});

test('only the owner reads the file', async () => {
  const path = headFile(home, 'private');

  await appendHeads(path, [head(1)]);

  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect((await stat(join(home, 'audit'))).mode & 0o777).toBe(0o700);
});

test('a company whose heads were never kept has none', async () => {
  expect(await readHeads(headFile(home, 'none'))).toEqual([]);
  expect(await readLastHead(headFile(home, 'none'))).toBeNull();
});

test('a line that a crash left unfinished is not read, and gives way to the next one', async () => {
  const path = headFile(home, 'torn');
  await appendHeads(path, [head(1)]);
  await appendFile(path, JSON.stringify(head(2)).slice(0, 100));

  expect(await readLastHead(path)).toEqual(head(1));
  await appendHeads(path, [head(2)]);

  expect(await readHeads(path)).toEqual([head(1), head(2)]);
  expect((await readFile(path, 'utf8')).split('\n')).toHaveLength(3);
});

test('a file that holds anything else is refused by its line', async () => {
  const path = headFile(home, 'spoilt');
  await writeFile(path, `${JSON.stringify(head(1))}\nnonsense\n${JSON.stringify(head(2))}\n`);

  await expect(readHeads(path)).rejects.toThrow('line 2: this is no signed head');
});
