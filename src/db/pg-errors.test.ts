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

test.each([
  ['could not write init file: No space left on device', 'FATAL', 'disk of the database is full'],
  ['could not write init file', 'FATAL', 'broke off the connection'],
  ['could not write: No space left on device', 'ERROR', 'disk of the database is full'],
])('F-57: an error without a code of its own, "%s", says the same', (message, severity, words) => {
  const told = translate(Object.assign(new Error(message), { code: 'XX000', severity }));

  expect(told).toBeInstanceOf(StoreUnavailable);
  expect(told).toMatchObject({ retryable: true, message: expect.stringContaining(words) });
});

test('an internal error of one statement is no trouble of the store', () => {
  const thrown = Object.assign(new Error('cache lookup failed'), { code: 'XX000', severity: 'ERROR' }); // prettier-ignore

  expect(translate(thrown)).toBe(thrown);
});

test('what a statement itself did wrong stays what it is', () => {
  const thrown = failing('23514');

  expect(translate(thrown)).toBe(thrown);
});
