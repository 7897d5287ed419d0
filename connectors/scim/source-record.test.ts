import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { stampOf } from './source-record.ts';

const stampOfText = (lastModified: string): string | null => stampOf({ meta: { lastModified } });
const byCalendar = (text: string): string | null => {
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : new Date(at).toISOString();
};

const two = (most: number) => fc.integer({ min: 0, max: most }).map((each) => String(each).padStart(2, '0')); // prettier-ignore
const written = fc
  .tuple(fc.constantFrom('2026', '2024', '0001', '9999'), two(13), two(32), fc.constantFrom('T', ' ', 't'), two(25), two(61), two(61), fc.constantFrom('Z', '.1Z', '.120Z', '.1234Z', '+02:00', '', 'z'))
  .map(([year, month, day, t, hour, minute, second, rest]) => `${year}-${month}-${day}${t}${hour}:${minute}:${second}${rest}`); // prettier-ignore

test('a stamp is the instant that the calendar makes of its text, in milliseconds of UTC', () => {
  fc.assert(
    fc.property(written, (text) => {
      expect(stampOfText(text)).toBe(byCalendar(text));
    }),
    { numRuns: 2000 },
  );
  expect(stampOfText('2026-02-28T23:59:59Z')).toBe('2026-02-28T23:59:59.000Z');
  expect(stampOfText('2026-02-31T23:59:59Z')).toBe(byCalendar('2026-02-31T23:59:59Z'));
});

test('a row without a time has no stamp', () => {
  expect(stampOf({})).toBeNull();
  expect(stampOf({ meta: { lastModified: 7 } })).toBeNull();
  expect(stampOfText('yesterday')).toBeNull();
});
