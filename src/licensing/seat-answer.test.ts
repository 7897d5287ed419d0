import { describe, expect, test } from '@jest/globals';
import { DEFAULT_DETECTION } from './detection-policy.ts';
import { PoolLimits, seatAnswer } from './seat-answer.ts';

const line = (required: number, owned: string | null = '10', change: object = {}) => ({
  rightsRequired: String(required), rightsReserved: '0', rightsOwned: owned, unlimited: false, status: 'compliant' as const, ...change,
}); // prettier-ignore
const answer = (from: number, to: number, limits: object = {}, owned: string | null = '10', change: object = {}) =>
  seatAnswer('FIG', { before: line(from, owned, change), after: line(to, owned, change) }, {
    limits: PoolLimits.parse(limits), detection: DEFAULT_DETECTION,
  }); // prettier-ignore
const verdicts = (limits: object, ...steps: readonly number[]) =>
  steps.map((to) => answer(to - 1, to, limits).verdict);

describe('a request', () => {
  test('is granted below the soft limit, warned from it on, and meets the policy beyond the hard one', () => {
    expect(verdicts({}, 8, 9, 10, 11)).toEqual(['granted', 'warned', 'warned', 'warned']);
    expect(verdicts({ atHardLimit: 'ask' }, 8, 9, 10, 11)).toEqual(['granted', 'warned', 'warned', 'waiting']); // prettier-ignore
    expect(verdicts({ atHardLimit: 'block' }, 10, 11)).toEqual(['warned', 'blocked']);
    expect(answer(10, 11).rule).toBe('hard_limit');
    expect(answer(10, 11).reason).toBe('11 of 10 rights of FIG would be in use, 110.0 %; the hard limit is 100 %.'); // prettier-ignore
  });

  test('of a product with limits of its own meets those, and of any other the general ones', () => {
    const own = { atHardLimit: 'block', pools: [{ product: 'FIG', softLimitPercent: 50, hardLimitPercent: 80, atHardLimit: 'ask' }] }; // prettier-ignore
    const other = { atHardLimit: 'block', pools: [{ product: 'ZOOM', hardLimitPercent: 10 }] };

    expect(verdicts(own, 4, 5, 8, 9)).toEqual(['granted', 'warned', 'warned', 'waiting']);
    expect(verdicts(other, 8, 11)).toEqual(['granted', 'blocked']);
  });

  test('above the baseline goes to a person though rights are left, and beyond the hard limit is refused all the same', () => {
    const planned = { atHardLimit: 'block', pools: [{ product: 'FIG', baseline: 6 }] };

    expect(verdicts(planned, 6, 7, 11)).toEqual(['granted', 'waiting', 'blocked']);
    expect(answer(6, 7, planned).rule).toBe('baseline');
  });

  test('that needs no further right passes even where all are used up', () => {
    expect(answer(12, 12, { atHardLimit: 'block' })).toMatchObject({ verdict: 'granted', rule: 'within' }); // prettier-ignore
  });

  test('counts what is set aside as used', () => {
    const reserved = { rightsReserved: '10' };
    const lines = {
      before: line(3, '10', reserved),
      after: line(4, '10', { rightsReserved: '11' }),
    };
    const policy = { limits: PoolLimits.parse({ atHardLimit: 'block' }), detection: DEFAULT_DETECTION }; // prettier-ignore

    expect(seatAnswer('FIG', lines, policy)).toMatchObject({ verdict: 'blocked', used: '10', usedAfter: '11' }); // prettier-ignore
  });

  test('is asked about where nobody knows the rights, and never refused or waved through for that', () => {
    expect(answer(1, 2, { atHardLimit: 'block' }, null)).toMatchObject({ verdict: 'waiting', rule: 'unknown_rights' }); // prettier-ignore
    expect(answer(1, 2, { atHardLimit: 'block' }, '10', { status: 'indeterminate' }).verdict).toBe('waiting'); // prettier-ignore
    expect(answer(1, 2, {}, null).verdict).toBe('warned');
    expect(seatAnswer('NEW', { before: undefined, after: undefined }, { limits: PoolLimits.parse({ atHardLimit: 'ask' }), detection: DEFAULT_DETECTION }).verdict).toBe('waiting'); // prettier-ignore
  });

  test('of unlimited rights meets no limit but a baseline', () => {
    const unlimited = { unlimited: true };

    expect(answer(99, 100, { atHardLimit: 'block' }, null, unlimited).verdict).toBe('granted');
    expect(answer(99, 100, { pools: [{ product: 'FIG', baseline: 99 }] }, null, unlimited).verdict).toBe('waiting'); // prettier-ignore
  });

  test('for none owned is beyond every limit', () => {
    expect(answer(0, 1, { atHardLimit: 'block' }, '0')).toMatchObject({ verdict: 'blocked', reason: '1 of 0 rights of FIG would be in use, with none owned; the hard limit is 100 %.' }); // prettier-ignore
  });
});
