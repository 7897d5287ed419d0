import { expect, test } from '@jest/globals';
import { filesByCase, LISTED, namePattern } from './manifest.ts';

test('every case that reading has to survive is named by a test', async () => {
  const proved = await filesByCase();

  expect(LISTED.filter((id) => !proved.has(id))).toEqual([]);
});

test('a case is found by its own id alone', () => {
  const is = (id: number, name: string): boolean => new RegExp(namePattern(id)).test(name);

  expect([is(1, 'F-01: dies'), is(1, 'F-19, F-21: dies'), is(2, 'F-22: dies'), is(21, 'F-19, F-21: dies')]).toEqual([true, false, false, true]);
}); // prettier-ignore
