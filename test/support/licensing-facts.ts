import namedUser from '../../src/licensing/metrics/named-user.ts';
import type { Metrics } from '../../src/licensing/figures.ts';
import type { MetricDefinition } from '../../src/sdk/define-metric.ts';
import userSubscription from '../../src/licensing/metrics/user-subscription.ts';
import { computePositions } from '../../src/licensing/position.ts';
import { snapshotOf, type SnapshotFacts } from '../../src/licensing/snapshot.ts';
import { factOf } from './facts.ts';

/** The shipped metrics by their code. */
export const metrics: Metrics = new Map<string, MetricDefinition>(
  [namedUser, userSubscription].map((each) => [each.code, each]),
);
/** The system time of every test snapshot. */
export const KNOWN_AT = '2026-03-02T09:00:00.000Z';

/** A part number of a catalogue. */
export const sku = (skuCode: string, metricCode?: string, rightsPerPack = 1, connection = 'crm') =>
  factOf('sku', connection, {
    externalRef: skuCode,
    skuCode,
    name: skuCode,
    rightsPerPack,
    ...(metricCode === undefined ? {} : { metricCode }),
  });
/** Rights that customer 001A holds in CORE, unless changed. */
export const entitlement = (
  id: string,
  change: Partial<Parameters<typeof factOf<'entitlement'>>[2]> = {},
) =>
  factOf('entitlement', 'trueup', {
    externalRef: id, posture: 'licensor', skuCode: 'CORE', ownerRef: '001A', status: 'active', ...change,
  }); // prettier-ignore
/** A change of an entitlement by some packs. */
export const grant = (id: string, quantityDelta: string, validFrom: string, validTo?: string) =>
  factOf('entitlementTransaction', 'trueup', {
    externalRef: `${id}/${validFrom}/${quantityDelta}`, entitlementRef: id, type: 'grant', quantityDelta, reason: 'order', validFrom,
    ...(validTo === undefined ? {} : { validTo }),
  }); // prettier-ignore
/** A named user at a customer. */
export const customerSeat = (user: string, customerRef = '001A', skuCode = 'CORE') =>
  factOf('seatAssignment', 'product', {
    externalRef: `${customerRef}/${user}/${skuCode}`,
    posture: 'licensor',
    skuCode,
    userAccountRef: user,
    customerRef,
  });
/** A seat that one of our own logins holds. */
export const ownSeat = (user: string, skuCode = 'FIG', connection = 'directory') =>
  factOf('seatAssignment', connection, {
    externalRef: `${user}/${skuCode}`,
    posture: 'licensee',
    skuCode,
    userAccountRef: user,
  });
/** So many named users of CORE at a customer. */
export const seats = (count: number, customerRef?: string) =>
  Array.from({ length: count }, (_, at) => customerSeat(`user-${at}`, customerRef));
/** The position lines of a day. */
export const linesOf = (asOf: string, facts: Partial<SnapshotFacts>) =>
  computePositions(snapshotOf(asOf, KNOWN_AT, facts), metrics).map((each) => each.line);
/** The one position line of a day; fails when there are more or none. */
export const lineOf = (asOf: string, facts: Partial<SnapshotFacts>) => {
  const [line, ...others] = linesOf(asOf, facts);
  if (line === undefined || others.length > 0)
    throw new Error(`expected one line, got ${others.length + (line ? 1 : 0)}`);
  return line;
};
/** A catalogue with CORE, licensed by named user. */
export const core = { skus: [sku('CORE', 'named_user')] };
