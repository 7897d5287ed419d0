import { describe, expect, test } from '@jest/globals';
import { rollBackOf, termsOf, versionOn, type RuleDecision } from './rule-timeline.ts';

const activated = (number: number, version: string, effectiveFrom: string): RuleDecision => ({
  number, version, effectiveFrom, rolledBackFrom: null,
}); // prettier-ignore
const rolledBack = (number: number, version: string | null, effectiveFrom: string, from: string): RuleDecision => ({
  number, version, effectiveFrom, rolledBackFrom: from,
}); // prettier-ignore

const JANUARY = activated(1, '1.0.0', '2026-01-01');
const MARCH = activated(2, '1.1.0', '2026-03-01');
const on = (decisions: readonly RuleDecision[], ...days: readonly string[]) =>
  days.map((day) => versionOn(decisions, day));

describe('which version holds', () => {
  test('is the one that was activated last of those whose day has come; before the first there is none', () => {
    expect(on([MARCH, JANUARY], '2025-12-31', '2026-01-01', '2026-02-28', '2026-03-01')).toEqual([
      null,
      '1.0.0',
      '1.0.0',
      '1.1.0',
    ]);
    expect(termsOf([JANUARY, MARCH]).map(({ until }) => until)).toEqual(['2026-03-01', null]);
  });

  test('a decision ends what an earlier one had put off to a later day', () => {
    const sooner = activated(3, '1.2.0', '2026-02-15');

    expect(on([JANUARY, MARCH, sooner], '2026-02-14', '2026-02-15', '2026-03-02')).toEqual([
      '1.0.0',
      '1.2.0',
      '1.2.0',
    ]);
  });

  test('of two decisions for one day the later one holds, and the other never did', () => {
    const again = activated(3, '1.1.1', '2026-03-01');

    expect(termsOf([JANUARY, MARCH, again]).map(({ version }) => version)).toEqual([
      '1.0.0',
      '1.1.1',
    ]);
  });
});

describe('a roll-back', () => {
  test('brings back the version before, from today on and not for the days that are over', () => {
    const back = rollBackOf([JANUARY, MARCH], { today: '2026-03-10', to: null });

    expect(back).toEqual({ version: '1.0.0', rolledBackFrom: '1.1.0', from: '2026-03-10' });
    const all = [JANUARY, MARCH, rolledBack(3, '1.0.0', '2026-03-10', '1.1.0')];
    expect(on(all, '2026-03-09', '2026-03-10')).toEqual(['1.1.0', '1.0.0']);
  });

  test('of a version that is still to come leaves the one in force alone', () => {
    expect(rollBackOf([JANUARY, MARCH], { today: '2026-02-01', to: null })).toMatchObject({
      version: '1.0.0',
      from: '2026-03-01',
    });
  });

  test('after a roll-back goes further back, to nothing in the end, and never forward', () => {
    const once = [JANUARY, MARCH, rolledBack(3, '1.0.0', '2026-03-10', '1.1.0')];
    const twice = rollBackOf(once, { today: '2026-03-11', to: null });
    const all = [...once, rolledBack(4, null, '2026-03-11', '1.0.0')];

    expect(twice).toEqual({ version: null, rolledBackFrom: '1.0.0', from: '2026-03-11' });
    expect(on(all, '2026-03-10', '2026-03-11')).toEqual(['1.0.0', null]);
    expect(() => rollBackOf(all, { today: '2026-03-12', to: null })).toThrow(/No version/);
  });

  test('may name an earlier version, but none that never held', () => {
    const three = [JANUARY, MARCH, activated(3, '1.2.0', '2026-03-05')];

    expect(rollBackOf(three, { today: '2026-03-10', to: '1.0.0' }).version).toBe('1.0.0');
    expect(() => rollBackOf(three, { today: '2026-03-10', to: '1.3.0' })).toThrow(
      /not in force before 1\.2\.0/,
    );
  });

  test('on the day of the activation brings back what was activated that day before it', () => {
    const sameDay = [JANUARY, activated(2, '1.1.0', '2026-03-02'), activated(3, '1.1.1', '2026-03-02')]; // prettier-ignore

    expect(rollBackOf(sameDay, { today: '2026-03-02', to: null }).version).toBe('1.1.0');
  });
});
