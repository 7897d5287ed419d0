import { describe, expect, test } from '@jest/globals';
import { driftOf, meteredDays, ownPool, ownRights } from '../../test/support/drift.ts';
import { factOf } from '../../test/support/facts.ts';
import { denialRate } from './detectors/denial-rate.ts';
import { dormantSeat } from './detectors/dormant-seat.ts';
import { exhaustionForecast } from './detectors/exhaustion-forecast.ts';
import { ghostUsage } from './detectors/ghost-usage.ts';
import { hardLimitReached, softLimitReached } from './detectors/limit-reached.ts';
import { seatDrift } from './detectors/seat-drift.ts';
import { telemetryGap } from './detectors/telemetry-gap.ts';
import { usageRise } from './detectors/usage-rise.ts';
import { usageSpike } from './detectors/usage-spike.ts';

type SeatTerm = { readonly validFrom?: string; readonly validTo?: string };

const seat = (user: string, term: SeatTerm = {}, skuCode = 'FIG') =>
  factOf('seatAssignment', 'directory', {
    externalRef: `${user}/${skuCode}`,
    posture: 'licensee',
    skuCode,
    userAccountRef: user,
    ...term,
  });
const manySeats = (count: number, term: SeatTerm = {}, prefix = 'u') =>
  Array.from({ length: count }, (_, at) => seat(`${prefix}${at}`, term));
const used = (user: string, observedAt: string, kind: 'active' | 'assigned' = 'active') =>
  factOf('usageObservation', 'directory', {
    externalRef: `${user}/${observedAt}`,
    posture: 'licensee',
    subjectType: 'account',
    subjectRef: user,
    skuCode: 'FIG',
    kind,
    observedAt,
  });
const subjects = (findings: ReturnType<typeof driftOf>) =>
  findings.map(({ subject }) => subject.id);

describe('dormant seats', () => {
  const dormant = (observedAt: string, term: SeatTerm = {}) =>
    subjects(driftOf(dormantSeat, { seats: [seat('u1', term)], usage: [used('u1', observedAt)] }));

  test('are those whose last sign of use is sixty days old', () => {
    expect(dormant('2026-01-01T12:00:00Z')).toEqual(['u1']);
    expect(dormant('2026-01-02T12:00:00Z')).toEqual([]);
  });

  test('are not those of which nothing is told: unknown activity is not inactivity', () => {
    expect(driftOf(dormantSeat, { seats: [seat('u1')] })).toEqual([]);
    expect(
      driftOf(dormantSeat, {
        seats: [seat('u1')],
        usage: [used('u1', '2025-06-01T12:00:00Z', 'assigned')],
      }),
    ).toEqual([]);
  });

  test('have had their days since they were given', () => {
    expect(dormant('2025-06-01T12:00:00Z', { validFrom: '2026-02-01' })).toEqual([]);
    expect(dormant('2025-06-01T12:00:00Z', { validFrom: '2025-12-01' })).toEqual(['u1']);
  });

  test('name the seat and the sign as evidence, and follow the policy of the company', () => {
    const facts = { seats: [seat('u1')], usage: [used('u1', '2026-02-20T12:00:00Z')] };
    const [finding] = driftOf(dormantSeat, facts, { dormantAfterDays: 7 });

    expect(new Set(finding?.evidence)).toEqual(
      new Set([facts.seats[0]?.factId, facts.usage[0]?.factId]),
    );
    expect(driftOf(dormantSeat, facts)).toEqual([]);
  });
});

describe('ghost usage', () => {
  const lately = used('u1', '2026-03-01T12:00:00Z');

  test('is use without a seat of what is given to named users', () => {
    const pool = ownPool('FIG', 'user_subscription', '10');

    expect(subjects(driftOf(ghostUsage, { ...pool, usage: [lately] }))).toEqual(['u1']);
    expect(driftOf(ghostUsage, { ...pool, usage: [lately], seats: [seat('u1')] })).toEqual([]);
  });

  test('is no use that a right for anybody covers, and none that was only assigned', () => {
    const floating = ownPool('FIG', 'concurrent', '10');
    const named = ownPool('FIG', 'user_subscription', '10');

    expect(driftOf(ghostUsage, { ...floating, usage: [lately] })).toEqual([]);
    expect(
      driftOf(ghostUsage, { ...named, usage: [used('u1', '2026-03-01T12:00:00Z', 'assigned')] }),
    ).toEqual([]);
  });

  test('without any right at all is found whatever the metric', () => {
    const { skus } = ownPool('FIG', 'concurrent', '10');

    expect(subjects(driftOf(ghostUsage, { skus, usage: [lately] }))).toEqual(['u1']);
  });
});

describe('seat drift', () => {
  const drift = (before: number, added: number, owned: string) =>
    driftOf(seatDrift, {
      ...ownPool('FIG', 'user_subscription', owned),
      seats: [
        ...manySeats(before, { validFrom: '2025-06-01' }),
        ...manySeats(added, { validFrom: '2026-02-20' }, 'new'),
      ],
    });

  test('is more than five percent of the rights, or more than ten seats', () => {
    expect(drift(50, 5, '100')).toEqual([]);
    expect(drift(50, 6, '100')).toHaveLength(1);
    expect(drift(150, 10, '1000')).toEqual([]);
    expect(drift(150, 11, '1000')).toHaveLength(1);
  });

  test('is none while rights that were bought within the window are handed out', () => {
    const { entitlement, transaction } = ownRights('FIG', '40', { from: '2026-02-10' });
    const seats = manySeats(30, { validFrom: '2026-02-15' });
    const { skus } = ownPool('FIG', 'user_subscription', '40');
    const facts = { skus, entitlements: [entitlement], transactions: [transaction], seats };

    expect(driftOf(seatDrift, facts)).toEqual([]);
    expect(driftOf(exhaustionForecast, facts)).toEqual([]);
  });

  test('counts seats that ended as well, and says nothing without dates', () => {
    const ended = manySeats(8, { validFrom: '2025-01-01', validTo: '2026-02-20' });
    const pool = ownPool('FIG', 'user_subscription', '100');
    const stay = manySeats(20, { validFrom: '2025-01-01' }, 'stay');

    const [finding] = driftOf(seatDrift, { ...pool, seats: [...ended, ...stay] });
    expect(finding?.summary).toContain('8 seats of FIG fewer than on 2026-02-02 (28 then, 20 now');
    expect(driftOf(seatDrift, { ...pool, seats: manySeats(90) })).toEqual([]);
  });
});

describe('measured use', () => {
  const pool = ownPool('API', 'metered', '100000');
  const level = Array.from({ length: 27 }, (_, at) => 100 + (at % 3));

  test('that stands out from its weekday is a spike, with what is usual', () => {
    const spiked = [...level.slice(0, -1), 900];

    expect(driftOf(usageSpike, { ...pool, usage: meteredDays('API', level) })).toEqual([]);
    expect(driftOf(usageSpike, { ...pool, usage: meteredDays('API', spiked) })).toHaveLength(1);
    expect(driftOf(usageRise, { ...pool, usage: meteredDays('API', spiked) })).toEqual([]);
  });

  test('of weekends is compared with weekends', () => {
    // The last full day before a Monday is a Sunday.
    const weekly = Array.from({ length: 27 }, (_, at) => ((26 - at) % 7 < 2 ? 5 : 500));

    expect(driftOf(usageSpike, { ...pool, usage: meteredDays('API', weekly) })).toEqual([]);
    const busySunday = [...weekly.slice(0, -1), 500];
    expect(driftOf(usageSpike, { ...pool, usage: meteredDays('API', busySunday) })).toHaveLength(1);
  });

  test('that creeps up is told though no day stands out', () => {
    const creeping = level.map((value, at) => value + Math.max(0, at - 13) * 0.4);
    const days = meteredDays('API', creeping);

    expect(driftOf(usageRise, { ...pool, usage: meteredDays('API', level) })).toEqual([]);
    expect(driftOf(usageRise, { ...pool, usage: days })).toHaveLength(1);
    expect(driftOf(usageSpike, { ...pool, usage: days })).toEqual([]);
  });
});

test('rights that run out within the limit at the present rise are forecast', () => {
  const growing = Array.from({ length: 25 }, (_, at) => ({
    user: `u${at}`,
    validFrom: new Date(Date.parse('2026-02-04') + at * 86_400_000).toISOString().slice(0, 10),
  }));
  const seats = growing.map(({ user, validFrom }) => seat(user, { validFrom }));
  const forecast = (owned: string) =>
    driftOf(exhaustionForecast, { ...ownPool('FIG', 'user_subscription', owned), seats });

  expect(forecast('40')[0]?.summary).toMatch(/The 15 rights of FIG .* run out in 1[4-7]\.\d days/);
  expect(forecast('400')).toEqual([]);
});

test('what a shortfall costs is at stake where a limit is passed; at the limit nothing is', () => {
  const at = (count: number) =>
    driftOf(hardLimitReached, {
      ...ownPool('FIG', 'user_subscription', '100', { unitPrice: '12', currency: 'EUR' }),
      seats: manySeats(count),
    })[0];

  expect(at(105)).toMatchObject({ amount: '60.00', currency: 'EUR' });
  expect(at(100)).toMatchObject({ amount: null });
});

test('limits: from ninety percent it is the soft one, from all rights the hard one, never both', () => {
  const at = (count: number) => {
    const facts = { ...ownPool('FIG', 'user_subscription', '100'), seats: manySeats(count) };
    return [driftOf(softLimitReached, facts).length, driftOf(hardLimitReached, facts).length];
  };

  expect(at(89)).toEqual([0, 0]);
  expect(at(90)).toEqual([1, 0]);
  expect(at(99)).toEqual([1, 0]);
  expect(at(100)).toEqual([0, 1]);
  expect(at(120)).toEqual([0, 1]);
});

describe('denials', () => {
  const denial = (id: string, at: string, reasonCode = '-4') =>
    factOf('denialEvent', 'flexnet', {
      externalRef: id, skuCode: 'CAD', feature: 'cad', reasonCode, userRef: 'u9', at,
    }); // prettier-ignore
  const checkouts = Array.from({ length: 99 }, (_, at) =>
    factOf('checkoutInterval', 'flexnet', {
      externalRef: `c${at}`,
      posture: 'licensee',
      skuCode: 'CAD',
      feature: 'cad',
      outAt: new Date(Date.parse('2026-02-20T08:00:00Z') + at * 60_000).toISOString(),
      inAt: new Date(Date.parse('2026-02-20T08:00:30Z') + at * 60_000).toISOString(),
      endReason: 'in',
    }),
  );
  const found = (denials: ReturnType<typeof denial>[]) =>
    driftOf(denialRate, { ...ownPool('CAD', 'concurrent', '5'), checkouts, denials }).length;

  test('beyond one percent of the requests are told', () => {
    expect(found([denial('d1', '2026-02-20T09:00:00Z')])).toBe(0);
    expect(
      found([denial('d1', '2026-02-20T09:00:00Z'), denial('d2', '2026-02-20T11:00:00Z')]),
    ).toBe(1);
  });

  test('asked again within a minute are one, and those for another cause are none', () => {
    expect(
      found([denial('d1', '2026-02-20T09:00:00Z'), denial('d2', '2026-02-20T09:00:59Z')]),
    ).toBe(0);
    expect(
      found([denial('d1', '2026-02-20T09:00:00Z', '-5'), denial('d2', '2026-02-20T11:00:00Z')]),
    ).toBe(0);
  });
});

test('a source that has been silent for more than twice its interval is a gap', () => {
  const source = (expectedIntervalSeconds?: number) =>
    factOf('usageSource', 'directory', {
      externalRef: 'agent',
      name: 'Agent',
      kind: 'telemetry',
      ...(expectedIntervalSeconds === undefined ? {} : { expectedIntervalSeconds }),
    });
  const gaps = (observedAt: string, seconds?: number) =>
    driftOf(telemetryGap, { usageSources: [source(seconds)], usage: [used('u1', observedAt)] });

  expect(gaps('2026-03-02T07:00:00Z', 3600)).toEqual([]);
  expect(gaps('2026-03-02T06:59:59Z', 3600)).toHaveLength(1);
  expect(gaps('2020-01-01T00:00:00Z')).toEqual([]);
  expect(driftOf(telemetryGap, { usageSources: [source(3600)] })).toHaveLength(1);
});
