import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { KNOWN_SUITES, longestFirst } from './longest-first.ts';

const at = (path: string) => ({ path: resolve(import.meta.dirname, '../..', path) });

test('what takes longest starts first, and of what is not known the largest file', () => {
  const small = at('test/support/longest-first.test.ts');
  const large = at('test/support/database.ts');
  const [longest = '', long = ''] = KNOWN_SUITES;

  const sorted = longestFirst([small, at(long), large, at(longest)]);

  expect(sorted).toEqual([at(longest), at(long), large, small]);
});

test('every suite of the table is there', () => {
  expect(KNOWN_SUITES.filter((path) => !existsSync(at(path).path))).toEqual([]);
});
