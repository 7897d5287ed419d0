import { expect, test } from '@jest/globals';
import { StoreUnavailable } from '../kernel/errors.ts';
import { translate } from './pg-errors.ts';

const failing = (code: string) => Object.assign(new Error('could not extend file'), { code });

test.each([
  ['disk_full', '53100', 'disk of the database is full'],
  ['out_of_memory', '53200', 'out of memory'],
  ['io_error', '58030', 'cannot read or write its files'],
  ['admin_shutdown', '57P01', 'does not answer'],
])('F-57: %s is the trouble of the store, and of no record and no system', (_, code, words) => {
  const told = translate(failing(code));

  expect(told).toBeInstanceOf(StoreUnavailable);
  expect(told).toMatchObject({ retryable: true, message: expect.stringContaining(words) });
});

test('what a statement itself did wrong stays what it is', () => {
  const thrown = failing('23514');

  expect(translate(thrown)).toBe(thrown);
});
