import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { factOf } from '../../test/support/facts.ts';
import {
  core,
  customerSeat,
  entitlement,
  grant,
  metrics,
} from '../../test/support/licensing-facts.ts';
import { compareQuantity, sumQuantities } from '../kernel/quantity.ts';
import { runDelta } from './run-delta.ts';
import { snapshotOf, type SnapshotFacts } from './snapshot.ts';

const JANUARY = '2026-01-31';
const FEBRUARY = '2026-02-28';

const seat = (user: string, validFrom?: string, validTo?: string) => {
  const { body } = customerSeat(user);
  return factOf('seatAssignment', 'product', {
    ...body,
    ...(validFrom === undefined ? {} : { validFrom }),
    ...(validTo === undefined ? {} : { validTo }),
  });
};
const many = (count: number, validFrom: string, prefix = 'u') =>
  Array.from({ length: count }, (_, at) => seat(`${prefix}${at}`, validFrom));
const world = (day: string, facts: Partial<SnapshotFacts>) =>
  snapshotOf(day, `${day}T09:00:00.000Z`, { ...core, entitlements: [entitlement('e1')], ...facts });
const figures = (
  before: Partial<SnapshotFacts>,
  after: Partial<SnapshotFacts>,
  [from, to] = [JANUARY, FEBRUARY],
) => runDelta(world(from, before), world(to, after), metrics)[0]?.figures;
const owned = (...grants: readonly ReturnType<typeof grant>[]) => ({ transactions: grants });
const ten = grant('e1', '10', '2025-01-01');

describe('what moved between two reconciliations', () => {
  test('nothing, and nothing is told', () => {
    const facts = { ...owned(ten), seats: many(4, '2025-06-01') };

    expect(runDelta(world(JANUARY, facts), world(FEBRUARY, facts), metrics)).toEqual([]);
  });

  test('new seats are demand; rights that began since are entitlement', () => {
    const found = figures(
      { ...owned(ten), seats: many(10, '2025-06-01') },
      {
        ...owned(ten, grant('e1', '2', '2026-02-15')),
        seats: [...many(10, '2025-06-01'), ...many(5, '2026-02-10', 'new')],
      },
    );

    expect(found?.shortfall).toEqual({
      before: '0',
      after: '3',
      total: '3',
      by: { rule: '0', dataCorrection: '0', entitlement: '0', demand: '3' },
    });
    expect(found?.rightsOwned?.by).toMatchObject({ entitlement: '2', dataCorrection: '0' });
    expect(found?.rightsRequired?.by).toMatchObject({ demand: '5', dataCorrection: '0' });
  });

  test('rights that held on the former day already and came to light since are a correction', () => {
    const found = figures(
      { ...owned(ten), seats: many(12, '2025-06-01') },
      { ...owned(ten, grant('e1', '5', '2026-01-15')), seats: many(12, '2025-06-01') },
    );

    expect(found?.shortfall).toMatchObject({ before: '2', after: '0' });
    expect(found?.shortfall?.by).toMatchObject({ dataCorrection: '-2', entitlement: '0' });
  });

  test('a seat of the former day that came to light since is a correction, one without a day is demand', () => {
    const before = { ...owned(ten), seats: many(4, '2025-06-01') };
    const late = figures(before, {
      ...before,
      seats: [...before.seats, seat('late', '2026-01-10')],
    });
    const undated = figures(before, { ...before, seats: [...before.seats, seat('undated')] });

    expect(late?.rightsRequired?.by).toMatchObject({ dataCorrection: '1', demand: '0' });
    expect(undated?.rightsRequired?.by).toMatchObject({ dataCorrection: '0', demand: '1' });
  });

  test('a seat that ended between the days is demand; one that had ended before the former day is a correction', () => {
    const before = { ...owned(ten), seats: many(4, '2025-06-01') };
    const ended = (validTo: string) =>
      figures(before, {
        ...before,
        seats: [...many(3, '2025-06-01'), seat('u3', '2025-06-01', validTo)],
      })?.rightsRequired?.by;

    expect(ended('2026-02-10')).toMatchObject({ demand: '-1', dataCorrection: '0' });
    expect(ended('2026-01-10')).toMatchObject({ demand: '0', dataCorrection: '-1' });
  });

  test('rights that ended between the days are entitlement, and the line stands though nothing is left', () => {
    const found = figures(
      { ...owned(grant('e1', '10', '2025-01-01', '2026-02-01')) },
      { ...owned(grant('e1', '10', '2025-01-01', '2026-02-01')) },
    );

    expect(found?.rightsOwned).toMatchObject({ before: '10', after: '0' });
    expect(found?.rightsOwned?.by).toMatchObject({ entitlement: '-10' });
  });

  test('what is indeterminate on one side has no parts', () => {
    const known = { ...owned(ten), seats: many(4, '2025-06-01') };
    const found = figures({ ...known, skus: [] }, known);

    expect(found?.shortfall).toBeNull();
  });

  test('the parts add up to the change, whatever moved', () => {
    const Day = fc.constantFrom(
      '2025-12-01',
      '2026-01-10',
      '2026-01-31',
      '2026-02-10',
      '2026-03-05',
    );
    const Seats = fc.uniqueArray(fc.tuple(fc.integer({ min: 0, max: 9 }), Day), {
      selector: ([user]) => user,
    });
    const Grants = fc.array(fc.tuple(fc.integer({ min: 1, max: 6 }), Day), { maxLength: 4 });
    const factsOf = (
      seats: readonly (readonly [number, string])[],
      grants: readonly (readonly [number, string])[],
    ) => ({
      seats: seats.map(([user, day]) => seat(`u${user}`, day)),
      transactions: grants.map(([rights, day], at) => ({
        ...grant('e1', String(rights), day),
        externalRef: `g${at}`,
      })),
    });

    fc.assert(
      fc.property(Seats, Grants, Seats, Grants, (seats, grants, laterSeats, laterGrants) => {
        const lines = runDelta(
          world(JANUARY, factsOf(seats, grants)),
          world(FEBRUARY, factsOf(laterSeats, laterGrants)),
          metrics,
        );

        for (const each of lines.flatMap((line) => Object.values(line.figures))) {
          if (each === null) continue;
          const sum = sumQuantities(Object.values(each.by));
          expect(sum).toBe(each.total);
          expect(compareQuantity(sumQuantities([each.before, sum]), each.after)).toBe(0);
        }
      }),
      { numRuns: 200 },
    );
  });
});
