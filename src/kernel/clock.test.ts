import { expect, test } from '@jest/globals';
import { fixedClock, systemClock } from './clock.ts';

test('the business date can be pinned while instants run on', () => {
  const clock = systemClock('2026-03-02');

  expect(clock.today()).toBe('2026-03-02');
  expect(Math.abs(clock.now().getTime() - Date.now())).toBeLessThan(1000);
});

test('without a pin the business date is the UTC date', () => {
  expect(systemClock().today()).toMatch(/^\d{4}-\d{2}-\d{2}$/);
  expect(fixedClock('2026-03-02T23:30:00-05:00').today()).toBe('2026-03-03');
});

test('a pin that is no date refuses the start', () => {
  expect(() => systemClock('2026-02-30')).toThrow('TRUEUP_TODAY');
});

test('nobody can move a fixed clock through the date it gave', () => {
  const clock = fixedClock('2026-03-02T00:00:00Z');
  clock.now().setFullYear(1999);

  expect(clock.now().getUTCFullYear()).toBe(2026);
});
