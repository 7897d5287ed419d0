import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { factOf } from '../../test/support/facts.ts';
import {
  KNOWN_AT,
  entitlement,
  grant,
  metrics,
  ownSeat,
  sku,
} from '../../test/support/licensing-facts.ts';
import { sumQuantities } from '../kernel/quantity.ts';
import type { MeterResult, MetricDefinition } from '../sdk/define-metric.ts';
import { exempt } from './exceptions.ts';
import { explainLine } from './explain.ts';
import coresVirtual from './metrics/cores-virtual.ts';
import concurrent from './metrics/concurrent.ts';
import device from './metrics/device.ts';
import { poolsOf, type Pool } from './pools.ts';
import { computePositions } from './position.ts';
import { reconcile } from './reconcile.ts';
import { snapshotOf, type SnapshotFacts } from './snapshot.ts';

const ALL = new Map<string, MetricDefinition>([
  ...metrics,
  ...[device, concurrent, coresVirtual].map((each) => [each.code, each] as const),
]);
const DAY = '2026-03-02';

type Terms = Partial<Parameters<typeof factOf<'exception'>>[2]>;
const exception = (id: string, terms: Terms = {}, connection = 'trueup') =>
  factOf('exception', connection, {
    externalRef: id, kind: 'trial', rationale: 'a trial', approverRefs: ['usr_1'], status: 'approved',
    validFrom: '2026-03-01', validTo: '2026-03-11', ...terms,
  }); // prettier-ignore
/** Two rights of FIG, and five logins with a seat of it. */
const world = {
  skus: [sku('FIG', 'user_subscription')],
  entitlements: [entitlement('p1', { posture: 'licensee', ownerRef: 'own', skuCode: 'FIG', unitPrice: '100', currency: 'EUR' })],
  transactions: [grant('p1', '2', '2026-01-01')],
  seats: ['a', 'b', 'c', 'd', 'e'].map((user) => ownSeat(user)),
} satisfies Partial<SnapshotFacts>; // prettier-ignore
const at = (facts: Partial<SnapshotFacts>, asOf = DAY) => snapshotOf(asOf, KNOWN_AT, facts);
const positionOf = (facts: Partial<SnapshotFacts>, asOf = DAY) => {
  const [position] = computePositions(at(facts, asOf), ALL);
  if (position === undefined) throw new Error('no position');
  return position;
};
const lineOf = (...exceptions: readonly ReturnType<typeof exception>[]) =>
  positionOf({ ...world, exceptions }).line;

describe('an exception', () => {
  test.each([
    ['is not approved', { status: 'requested' }],
    ['was revoked', { status: 'revoked' }],
    ['has not begun', { validFrom: '2026-03-03' }],
    ['ended before the day', { validTo: DAY }],
    ['is for another product', { skuCode: 'CORE' }],
    ['is for a customer', { ownerRef: '001A' }],
    ['names nobody who is there', { subjectRefs: ['directory/z', 'a'] }],
  ] as const satisfies readonly (readonly [string, Terms])[])(
    'that %s takes nothing out',
    (_why, terms) => {
      const line = lineOf(exception('x', terms));

      expect(line).toMatchObject({
        rightsRequired: '5',
        exceptionCovered: '0',
        shortfall: '3',
        status: 'non_compliant',
      });
    },
  );

  test('names logins by connection and reference, by their own connection, or as the position shows them', () => {
    const taken = (connection: string, ...subjectRefs: string[]) =>
      positionOf({ ...world, exceptions: [exception('x', { subjectRefs }, connection)] }).inputs
        .exceptions?.[0]?.subjects;

    expect(taken('trueup', 'directory/a')).toEqual(['account:directory/a']);
    expect(taken('trueup', 'account:directory/a')).toEqual(['account:directory/a']);
    expect(taken('directory', 'a')).toEqual(['account:directory/a']);
  });

  test('covers what would be short, and more of it leaves a position that is merely compliant', () => {
    const covered = lineOf(
      exception('x', {
        skuCode: 'FIG',
        subjectRefs: ['directory/a', 'directory/b', 'directory/c'],
      }),
    );
    const needless = positionOf({
      ...world,
      transactions: [grant('p1', '9', '2026-01-01')],
      exceptions: [exception('x')],
    }).line;

    expect(covered).toMatchObject({
      grossRequired: '5',
      rightsRequired: '2',
      excludedQuantity: '3',
      status: 'exception_covered',
    });
    expect(needless).toMatchObject({
      grossRequired: '5',
      rightsRequired: '0',
      surplus: '9',
      status: 'compliant',
    });
  });

  test('takes nobody out who needs no right anyway', () => {
    const accounts = [
      factOf('userAccount', 'directory', {
        externalRef: 'a',
        userName: 'a',
        active: true,
        kind: 'service',
      }),
    ];
    const position = positionOf({
      ...world,
      accounts,
      exceptions: [exception('x', { quantityCap: '1' })],
    });

    expect(position.inputs.exceptions?.[0]?.subjects).toEqual(['account:directory/b']);
    expect(position.line).toMatchObject({
      grossRequired: '4',
      rightsRequired: '3',
      excludedQuantity: '2',
    });
  });

  test('follows the one before it, and what is to be expected when each ends is said', () => {
    const first = exception('a', {
      subjectRefs: ['directory/a', 'directory/b'],
      validTo: '2026-05-01',
    });
    const second = exception('b', { quantityCap: '1', validTo: '2026-04-01' });
    const { inputs, line, steps } = positionOf({ ...world, exceptions: [second, first] });

    expect(inputs.exceptions?.map(({ id, subjects }) => [id, subjects])).toEqual([
      ['a', ['account:directory/a', 'account:directory/b']],
      ['b', ['account:directory/c']],
    ]);
    expect(line).toMatchObject({
      rightsRequired: '2',
      exceptionCovered: '3',
      status: 'exception_covered',
    });
    expect(inputs.expiries).toEqual([
      { on: '2026-04-01', exceptions: ['b'], required: '3', shortfall: '1' },
      { on: '2026-05-01', exceptions: ['a'], required: '5', shortfall: '3' },
    ]);
    expect(steps).toContain(
      'From 2026-05-01, without a, with the rights and the use of today: 5 required, 3 short.',
    );
  });

  test('is told by explain, subject by subject, and takes part in the hashes', () => {
    const snapshot = at({
      ...world,
      exceptions: [exception('x', { subjectRefs: ['directory/a'] })],
    });
    const { positions, inputHash, resultHash } = reconcile(snapshot, ALL);
    const explained = explainLine(positions[0]?.line.id ?? '', snapshot, ALL);
    const without = reconcile(at(world), ALL);

    expect(explained?.demand[0]).toMatchObject({
      subjectId: 'account:directory/a',
      excludedBecause: 'exception',
      exceptionId: 'x',
      records: [{ record: { externalRef: 'a/FIG' } }],
    });
    expect(explained?.demand[1]).toMatchObject({ excludedBecause: null, exceptionId: null });
    expect([inputHash, resultHash]).not.toEqual([without.inputHash, without.resultHash]);
    expect(inputHash).not.toBe(without.inputHash);
  });
});

describe('an exception of machines', () => {
  const on = (facts: Partial<SnapshotFacts>, metricCode: string, ...subjectRefs: string[]) =>
    positionOf({
      skus: [sku('P', metricCode)],
      ...facts,
      exceptions: [exception('x', { subjectRefs })],
    }).line;
  const instance = (id: string, place: object) =>
    factOf('productInstance', 'inv', {
      externalRef: id,
      posture: 'licensee',
      skuCode: 'P',
      ...place,
    });

  test('takes a device, a virtual machine, a host with its machines, or a user of a licence server out', () => {
    const devices = ['d1', 'd2'].map((name) =>
      factOf('device', 'inv', { externalRef: name, name }),
    );
    const installs = {
      devices,
      instances: devices.map(({ externalRef }) =>
        instance(`i-${externalRef}`, { deviceRef: externalRef }),
      ),
    };
    const vms = ['v1', 'v2'].map((name) =>
      factOf('vm', 'inv', { externalRef: name, name, vCpus: 8, hostRef: 'h' }),
    );
    const hosts = [
      factOf('host', 'inv', { externalRef: 'h', name: 'h', occupiedSockets: 2, coresPerSocket: 8 }),
    ];
    const virtual = {
      hosts,
      vms,
      instances: vms.map(({ externalRef }) => instance(`i-${externalRef}`, { vmRef: externalRef })),
    };
    const out = (user: string, from: string) =>
      factOf('checkoutInterval', 'lic', {
        externalRef: `${user}${from}`,
        posture: 'licensee',
        skuCode: 'P',
        feature: 'p',
        userRef: user,
        outAt: `2026-03-01T${from}:00Z`,
        inAt: '2026-03-01T12:00:00Z',
      });
    const held = { checkouts: [out('ann', '09:00'), out('ann', '10:00'), out('bob', '09:00')] };

    expect(on(installs, 'device', 'inv/d1')).toMatchObject({
      grossRequired: '2',
      rightsRequired: '1',
    });
    expect(on(virtual, 'cores_virtual', 'inv/v1')).toMatchObject({
      grossRequired: '16',
      rightsRequired: '8',
    });
    expect(on(virtual, 'cores_virtual', 'inv/h')).toMatchObject({
      grossRequired: '16',
      rightsRequired: '0',
    });
    expect(on(held, 'concurrent', 'lic/ann')).toMatchObject({
      grossRequired: '3',
      rightsRequired: '1',
    });
  });
});

describe('a cap', () => {
  const [pool] = poolsOf(at(world));
  /** Counts claims by these weights, not below a minimum. */
  const meterOf =
    (weights: readonly number[], least: number) =>
    (of: Pool): MeterResult => {
      const sum = sumQuantities(
        of.claims.map((_, n) => String(weights[Number(of.claims[n]?.subjectId.slice(1))] ?? 0)),
      );
      return {
        required: String(Math.max(least, Number(sum))),
        counted: [],
        excluded: [],
        explanation: [],
      };
    };

  test('takes out as many subjects from the first on as stay within it, whatever the metric', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 9 }),
        fc.integer({ min: 0, max: 25 }),
        fc.integer({ min: 0, max: 12 }),
        (weights, cap, least) => {
          const [claim] = (pool as Pool).claims;
          const claims = weights.map((_, n) => ({
            ...(claim as Pool['claims'][number]),
            subjectId: `s${n}`,
          }));
          const meter = meterOf(weights, least);
          const whole = { ...(pool as Pool), claims };
          const netOf = (count: number) =>
            Number(meter({ ...whole, claims: claims.slice(count) }).required);
          const within = claims
            .map((_, n) => n + 1)
            .filter((count) => netOf(0) - netOf(count) <= cap);

          const { applied, gross, met } = exempt(
            whole,
            [exception('x', { quantityCap: String(cap) })],
            meter,
          );

          const most = within.at(-1) ?? 0;
          expect(applied[0]?.subjects ?? []).toEqual(
            claims.slice(0, most).map(({ subjectId }) => subjectId),
          );
          expect([Number(gross), Number(met.required)]).toEqual([netOf(0), netOf(most)]);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('a reminder', () => {
  const found = (asOf: string, terms: Terms = {}) =>
    reconcile(
      at(
        {
          ...world,
          exceptions: [
            exception('x', {
              skuCode: 'FIG',
              requesterRef: 'usr_9',
              validTo: '2026-03-31',
              ...terms,
            }),
          ],
        },
        asOf,
      ),
      ALL,
    ).findings.filter(({ kind }) => kind === 'expiring_exception');

  test('comes fourteen days before the end, to whoever asked, with what is short from then on', () => {
    expect(found('2026-03-16')).toEqual([]);
    expect(found('2026-03-17')).toMatchObject([
      {
        subject: { type: 'Exception', id: 'x' },
        sku: 'FIG',
        owner: 'usr_9',
        amount: '300.00',
        currency: 'EUR',
        dueAt: '2026-03-24',
      },
    ]);
    expect(found('2026-03-17')[0]?.summary).toContain(
      '14 days are left. From then on 5 rights of FIG are required and 3 are short.',
    );
    expect(found('2026-03-31')).toEqual([]);
  });

  test('says of one that takes nothing out that it takes nothing out', () => {
    expect(found('2026-03-20', { subjectRefs: ['directory/z'] })[0]?.summary).toContain(
      'It takes nothing out of any count.',
    );
  });
});
