import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  addQuantity,
  compareQuantity,
  subtractQuantity,
  sumQuantities,
} from '../kernel/quantity.ts';
import { splitRights, type Reservation } from './split.ts';

const reserve = (subjectId: string, quantity = '1', blocking = true): Reservation => ({
  subjectId,
  quantity,
  blocking,
});
const people = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, at) => `${prefix}${at}`);
const needOf = (subjects: readonly string[]) => ({
  required: String(subjects.length),
  bySubject: new Map(subjects.map((each) => [each, '1'])),
});
const owned = (quantity: string) => ({ owned: quantity, grace: '0', unlimited: false });

describe('allocated and used', () => {
  test('G-03: 100 owned, 60 blocking allocations of which 45 are used, 30 use without one', () => {
    const users = [...people('allocated', 45), ...people('free', 30)];
    const split = splitRights(
      owned('100'),
      needOf(users),
      people('allocated', 60).map((each) => reserve(each)),
    );

    expect(split).toMatchObject({
      allocatedInUse: '45',
      allocatedNotInUse: '15',
      notAllocatedInUse: '30',
      notAllocated: '40',
      rightsReserved: '90',
      rightsInUse: '75',
      surplus: '10',
      shortfall: '0',
    });
  });

  test('G-04: one user with two allocated rights and one record uses one and idles one', () => {
    const split = splitRights(owned('5'), needOf(['ann']), [reserve('ann', '2')]);

    expect(split).toMatchObject({
      allocatedInUse: '1',
      allocatedNotInUse: '1',
      notAllocatedInUse: '0',
      surplus: '3',
    });
  });

  test('an allocation that does not block consumes only when it is used', () => {
    const split = splitRights(owned('5'), needOf(['ann']), [
      reserve('ann', '1', false),
      reserve('bob', '1', false),
    ]);

    expect(split).toMatchObject({
      allocatedInUse: '1',
      allocatedNotInUse: '0',
      rightsReserved: '1',
      surplus: '4',
    });
  });

  test('idle blocking allocations leave others short', () => {
    const split = splitRights(owned('2'), needOf(['bob', 'eve']), [reserve('ann')]);

    expect(split).toMatchObject({ rightsReserved: '3', shortfall: '1', surplus: '0' });
  });

  test('what was allocated beyond the rights reserves nothing, and is told', () => {
    const split = splitRights(
      owned('1'),
      needOf(['bob']),
      people('idle', 5).map((each) => reserve(each)),
    );

    expect(split).toMatchObject({ allocatedNotInUse: '1', shortfall: '1', overAllocated: true });
  });
});

test('an unlimited right covers everything that the counted rights do not', () => {
  const split = splitRights(
    { owned: '1', grace: '9', unlimited: true },
    needOf(people('u', 3)),
    [],
  );

  expect(split).toMatchObject({
    shortfall: '0',
    unlimitedCovered: '2',
    graceCovered: '0',
    overAllocated: false,
  });
});

test('G-06: grace covers only what the owned rights do not: 118 used of 100 owned and 25 in grace', () => {
  const split = splitRights(
    { owned: '100', grace: '25', unlimited: false },
    needOf(people('u', 118)),
    [],
  );

  expect(split).toMatchObject({ graceCovered: '18', shortfall: '0', surplus: '0' });
});

test('L2 and L3 hold for any rights, use and allocations', () => {
  const subjects = fc.constantFrom('a', 'b', 'c', 'd');
  const reservations = fc.array(
    fc
      .tuple(subjects, fc.integer({ min: 0, max: 4 }), fc.boolean())
      .map(([id, count, blocking]) => reserve(id, String(count), blocking)),
    { maxLength: 8 },
  );
  const needs = fc.dictionary(subjects, fc.integer({ min: 1, max: 4 }).map(String));
  const counts = fc.integer({ min: 0, max: 12 }).map(String);
  fc.assert(
    fc.property(
      counts,
      counts,
      fc.boolean(),
      needs,
      counts,
      reservations,
      (own, grace, unlimited, need, extra, reserved) => {
        const bySubject = new Map(Object.entries(need));
        const required = addQuantity(sumQuantities(bySubject.values()), extra);
        const split = splitRights(
          { owned: own, grace, unlimited },
          { required, bySubject },
          reserved,
        );
        const left = subtractQuantity(
          addQuantity(split.surplus, split.allocatedNotInUse),
          split.shortfall,
        );
        const right = subtractQuantity(
          sumQuantities([own, split.graceCovered, split.unlimitedCovered]),
          required,
        );

        expect(left).toBe(right);
        expect(split.surplus === '0' || split.shortfall === '0').toBe(true);
        expect(addQuantity(split.allocatedInUse, split.notAllocatedInUse)).toBe(required);
        expect(compareQuantity(split.graceCovered, grace)).toBeLessThanOrEqual(0);
        for (const quantity of Object.values(split)) expect(String(quantity)).not.toMatch(/^-/);
      },
    ),
  );
});
