import { describe, expect, test } from '@jest/globals';
import type { MetricDenial, MetricReading } from '../../sdk/define-metric.ts';
import { metered, person, session } from '../../../test/support/meter.ts';
import averageEndpoints from './average-endpoints.ts';
import concurrent from './concurrent.ts';
import environmentMaximum from './environment-maximum.ts';
import flat from './flat.ts';
import meteredUnits from './metered.ts';

const at = (text: string): number => Date.parse(`2026-03-02T${text}:00Z`);
const denial = (text: string, userId: string, requested = '1', feature = 'cad'): MetricDenial => ({
  at: at(text),
  feature,
  userId,
  requested,
  isCapacity: true,
  evidence: [],
});

const G11 = [
  session('a', '09:00', '11:00'),
  session('b', '09:30', '10:00'),
  session('c', '10:00', '12:00'),
  session('d', '10:30', '10:45', { quantity: '2' }),
  session('e', '11:00', '11:30'),
];

describe('concurrent use', () => {
  test('G-11: the peak is four, first reached at 10:30', () => {
    const met = metered(concurrent, { sessions: G11 });

    expect(met.figures).toMatchObject({ peak: '4', peakAt: '2026-03-02T10:30:00.000Z' });
    expect(met.counted.map(({ subjectId }) => subjectId)).toEqual(['a', 'c', 'd']);
  });

  test('G-12: who ends when another begins is not held beside them', () => {
    expect(
      metered(concurrent, {
        sessions: [session('a', '09:00', '10:00'), session('b', '10:00', '11:00')],
      }).required,
    ).toBe('1');
  });

  test('G-13: a denial is demand that waited, and needs no right', () => {
    const sessions = [
      session('u1', '09:00', '09:20'),
      session('u2', '09:05', '09:40', { quantity: '2' }),
      session('u3', '09:20', '09:40'),
    ];
    const met = metered(concurrent, { sessions, denials: [denial('09:10', 'u3')] });

    expect(met.required).toBe('3');
    expect(met.figures).toMatchObject({ denials: '1', demandPeak: '4' });
  });

  test('G-14: a borrowed licence counts until it is due back, on days without a session too', () => {
    const borrowed = session('laptop', '08:00', '2026-03-05T23:59:00Z');
    const idle = {
      from: Date.parse('2026-03-04T00:00:00Z'),
      to: Date.parse('2026-03-05T00:00:00Z'),
    };

    expect(metered(concurrent, { sessions: [...G11, borrowed] }).required).toBe('5');
    expect(metered(concurrent, { sessions: [...G11, borrowed], window: idle }).required).toBe('1');
  });

  test('G-15: what a restart of the server ended is held no longer, and is said to be concluded', () => {
    const met = metered(concurrent, {
      sessions: [
        session('u1', '09:00', '13:00', { inferred: true }),
        session('u1-again', '13:05', '14:00'),
      ],
    });

    expect([met.required, met.warnings]).toEqual(['1', ['inferred_check_in']]);
  });

  test('G-16: each check-out takes the tokens of its feature', () => {
    const sessions = ['u1', 'u2', 'u3'].map((user) =>
      session(user, '09:00', '12:00', { feature: 'DOORS' }),
    );
    const met = metered(
      concurrent,
      { sessions, denials: [denial('10:00', 'u4', '1', 'DOORS')] },
      { tokensPerFeature: { DOORS: 3 } },
    );

    expect(met.required).toBe('9');
    expect(met.figures).toMatchObject({ denials: '1', demandPeak: '12' });
  });

  test('G-17: sites that peak at different hours need 60 together, and 60 each where rights stay at their site', () => {
    const site = (server: string, count: number, from: string, to: string) =>
      Array.from({ length: count }, (_, n) =>
        session(`${server}${from}-${n}`, from, to, { server }),
      );
    const sessions = [
      ...site('A', 40, '01:00', '09:00'),
      ...site('A', 20, '02:00', '06:00'),
      ...site('B', 50, '09:00', '17:00'),
      ...site('B', 10, '08:00', '10:00'),
    ];

    expect(metered(concurrent, { sessions }).required).toBe('60');
    expect(metered(concurrent, { sessions }, { scope: 'server' }).required).toBe('120');
  });
});

describe('consumption', () => {
  const reading = (
    subjectId: string,
    quantity: string,
    from: string,
    to: string,
    change: Partial<MetricReading> = {},
  ): MetricReading => ({
    subjectId,
    quantity,
    from: at(from),
    to: at(to),
    environment: 'prod',
    evidence: [],
    ...change,
  });

  test('what is included is free, then started packages count, up to the cap', () => {
    const readings = [reading('a', '620', '00:00', '23:00')];

    expect(metered(meteredUnits, { readings }, { included: '500' }).required).toBe('120');
    expect(metered(meteredUnits, { readings }, { included: '500', unitSize: '100' }).required).toBe(
      '2',
    );
    expect(metered(meteredUnits, { readings }, { included: '500', cap: '40' }).required).toBe('40');
    expect(metered(meteredUnits, { readings }, { included: '700' }).required).toBe('0');
  });

  test('production and other use need the larger of both', () => {
    const readings = [
      reading('a', '16', '00:00', '01:00'),
      reading('b', '12', '00:00', '01:00', { environment: 'nonprod' }),
      reading('c', '8', '00:00', '01:00', { environment: 'nonprod' }),
    ];

    expect(metered(environmentMaximum, { readings }).required).toBe('20');
  });

  test('endpoints are averaged over every hour of the window, used or not', () => {
    const window = { from: at('00:00'), to: at('04:00') };
    const readings = [
      reading('a', '1', '00:00', '02:00'),
      reading('b', '1', '01:30', '01:40'),
      reading('b', '1', '01:50', '01:55'),
    ];
    const met = metered(averageEndpoints, { readings, window });

    expect([met.required, met.figures?.['mean']]).toEqual(['1', '0.75']);
  });

  test('a percentile is the count that so many percent of the hours do not exceed', () => {
    const window = { from: at('00:00'), to: at('20:00') };
    const readings = Array.from({ length: 5 }, (_, n) =>
      reading(`s${n}`, '1', '00:00', n === 0 ? '20:00' : '01:00'),
    );

    expect(metered(averageEndpoints, { readings, window }, { percentile: 95 }).required).toBe('1');
    expect(metered(averageEndpoints, { readings, window }, { percentile: 100 }).required).toBe('5');
  });

  test('a flat right covers all who use it, and is not needed where nobody does', () => {
    expect(metered(flat, { subjects: [person('a'), person('b')] }).required).toBe('1');
    expect(metered(flat, {}).required).toBe('0');
  });
});
