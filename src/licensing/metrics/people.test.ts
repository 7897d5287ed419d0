import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { device, metered, person, persons } from '../../../test/support/meter.ts';
import clientAccess from './client-access.ts';
import devices from './device.ts';
import employee from './employee.ts';
import namedUser from './named-user.ts';
import subscription from './user-subscription.ts';

describe('users', () => {
  test('G-01: each person counts once however many records they have, a service is excluded as non_human', () => {
    const met = metered(subscription, {
      subjects: [
        person('ann', { quantity: '3' }),
        person('bob'),
        person('svc-etl', { kind: 'service' }),
      ],
    });

    expect(met.required).toBe('2');
    expect(met.counted.map((each) => [each.subjectId, each.licensableQuantity])).toEqual([
      ['ann', '1'],
      ['bob', '1'],
    ]);
    expect(met.excluded).toEqual([{ subjectId: 'svc-etl', reason: 'non_human' }]);
  });

  test('an inactive subscription and mere use without one need no right', () => {
    const met = metered(subscription, {
      subjects: [
        person('ann', { active: false }),
        person('bob', { assigned: false, active: false }),
      ],
    });

    expect(met.required).toBe('0');
    expect(met.excluded.map((each) => each.reason)).toEqual(['inactive', 'not_assigned']);
  });

  test('a rule version may count services and shared logins too', () => {
    const subjects = [person('svc', { kind: 'service' }), person('desk', { kind: 'shared' })];

    expect(metered(subscription, { subjects }, { humansOnly: false }).required).toBe('2');
    expect(metered(subscription, { subjects }).required).toBe('0');
  });

  test('who is unknown counts: a doubt never lowers the requirement', () => {
    expect(
      metered(subscription, { subjects: [person('someone', { kind: 'unknown' })] }).required,
    ).toBe('1');
  });

  test('G-02: eighteen authorised users need eighteen rights, whether or not they log in', () => {
    const users = persons(18).map((each, at) => ({ ...each, active: at < 7 }));

    expect(metered(namedUser, { subjects: users }).required).toBe('18');
  });

  test('the whole staff counts where it is the measure, and no service login', () => {
    const subjects = [
      ...persons(5, { assigned: false, active: false }),
      person('svc', { kind: 'service' }),
    ];

    expect(metered(employee, { subjects }).required).toBe('5');
  });
});

describe('devices', () => {
  test('G-05: seven copies at two a right need four rights, three copies without a limit one', () => {
    const two = metered(
      devices,
      { devices: [device('a', { installs: 7 })] },
      { maxInstallsPerRight: 2 },
    );
    const any = metered(devices, { devices: [device('b', { installs: 3 })] });

    expect([two.required, any.required]).toEqual(['4', '1']);
  });
});

describe('client access', () => {
  const kiosks = [
    device('kiosk', { userIds: ['u0', 'u1', 'u2'] }),
    device('laptop', { userIds: ['u3'] }),
    device('phone', { userIds: ['u3'] }),
  ];

  test('by user, by device, or the fewest of both', () => {
    const input = { subjects: persons(4), devices: kiosks };

    expect(
      ['user', 'device', 'fewest'].map((by) => metered(clientAccess, input, { by }).required),
    ).toEqual(['4', '3', '2']);
    expect(
      metered(clientAccess, input, { by: 'fewest' }).counted.map(({ subjectId }) => subjectId),
    ).toEqual(['u3', 'kiosk']);
  });

  test('the fewest cover each access, and no smaller choice does', () => {
    const accesses = fc.uniqueArray(
      fc.tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0, max: 4 })),
      { selector: String, maxLength: 12 },
    );

    fc.assert(
      fc.property(accesses, (pairs) => {
        const used = [...Map.groupBy(pairs, ([, at]) => at)].map(([at, own]) =>
          device(`d${at}`, { userIds: own.map(([user]) => `u${user}`) }),
        );
        const subjects = [...new Set(pairs.map(([user]) => user))].map((user) =>
          person(`u${user}`),
        );
        const chosen = new Set(
          metered(clientAccess, { subjects, devices: used }, { by: 'fewest' }).counted.map(
            ({ subjectId }) => subjectId,
          ),
        );

        expect(pairs.every(([user, at]) => chosen.has(`u${user}`) || chosen.has(`d${at}`))).toBe(
          true,
        );
        expect(chosen.size).toBe(fewest(pairs));
      }),
      { numRuns: 200 },
    );
  });
});

/** By trying every choice. */
function fewest(pairs: readonly (readonly [number, number])[]): number {
  const points = [...new Set(pairs.flatMap(([user, at]) => [`u${user}`, `d${at}`]))];
  const sizes = Array.from({ length: 2 ** points.length }, (_, choice) => {
    const chosen = new Set(points.filter((_point, at) => (choice >> at) % 2 === 1));
    return pairs.every(([user, at]) => chosen.has(`u${user}`) || chosen.has(`d${at}`))
      ? chosen.size
      : Infinity;
  });
  return Math.min(...sizes);
}
