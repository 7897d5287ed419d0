import { createHash } from 'node:crypto';
import { base32 } from '../kernel/ids.ts';
import type { Fact } from '../ledger/fact.ts';
import { byAccount } from '../ledger/identity/identities.ts';
import { buildCatalogue, type Catalogue, type CatalogueEntry } from './catalogue.ts';
import {
  holdingRecords,
  holdingsOf,
  NO_HOLDINGS,
  type HoldingRecord,
  type Holdings,
} from './holdings.ts';
import { dataGapsOf } from './data-gaps.ts';
import { claimsOf, indexSubjects, type Claim } from './demand.ts';
import { rightsOf, type CountedEntitlement } from './rights.ts';
import { reservedRights, type PoolReservation } from './reservations.ts';
import type { Snapshot } from './snapshot.ts';
import { bySource, compareText, groupBy } from './sort.ts';
import { countsPersons, vendorCountOf, type VendorCount } from './vendor-counts.ts';

/**
 * One fungible set of rights and the demand on it: posture, owner and part number, under the part number's metric.
 * Nothing is ever netted between two pools (G-60).
 */
export interface Pool {
  /** `pos_…`, the same for the same pool in every run. */
  readonly id: string;
  readonly posture: 'licensor' | 'licensee';
  readonly ownerRef: string;
  readonly skuCode: string;
  readonly entry: CatalogueEntry | undefined;
  readonly entitlements: readonly CountedEntitlement[];
  readonly claims: readonly Claim[];
  readonly holdings: Holdings;
  readonly reservations: readonly PoolReservation[];
  /** What vendors and observers count of it as a whole; null where nobody does. */
  readonly vendor: VendorCount | null;
  /** What its data contradicts or leaves out, so that no figure is sure; and what lowers the confidence only. */
  readonly gaps: readonly string[];
  readonly doubts: readonly string[];
  /** Units in which its use was metered. */
  readonly units: readonly string[];
}

type Posture = Pool['posture'];

interface PoolKey {
  readonly posture: Posture;
  readonly ownerRef: string;
  readonly skuCode: string;
}

/** Which owner a pool of our own rights has. */
export const OWN = 'own';

export function poolId(key: PoolKey & { readonly metricCode: string | null }): string {
  const parts = JSON.stringify([key.posture, key.ownerRef, key.skuCode, key.metricCode]);
  return `pos_${base32(createHash('sha256').update(parts).digest()).slice(0, 26)}`;
}

/** All pools of a snapshot in a fixed order, or only the one with the given id. */
export function poolsOf(snapshot: Snapshot, only?: string): readonly Pool[] {
  const catalogue = buildCatalogue(snapshot.skus, snapshot.skuAliases, snapshot.asOf);
  const subjects = indexSubjects(snapshot);
  const keyOfEntitlement = (fact: Fact<'entitlement'>): string =>
    textOf(entitlementKey(fact, catalogue));
  const entitlements = groupBy(snapshot.entitlements.toSorted(bySource), keyOfEntitlement);
  const claims = groupBy(claimsOf(snapshot, subjects), (claim) =>
    textOf(claimKey(claim, catalogue)),
  );
  const held = groupBy(holdingRecords(snapshot), (record) => textOf(holdingKey(record, catalogue)));
  const holdings = holdingsOf(snapshot, subjects);
  const counter = entitlementCounter(snapshot);
  const counts = groupBy(snapshot.seatCounts.filter(countsPersons).filter(isOurs), (fact) =>
    textOf(countKey(fact, catalogue)),
  );
  const reserved = reservedRights(snapshot, subjects);
  const pools: Pool[] = [];
  for (const text of [
    ...new Set([...entitlements.keys(), ...claims.keys(), ...held.keys(), ...counts.keys()]),
  ].toSorted(compareText)) {
    const key = keyOf(text);
    const entry = catalogue.entry(key.skuCode);
    const id = poolId({ ...key, metricCode: entry?.metricCode ?? null });
    if (only !== undefined && only !== id) continue;
    const own = entitlements.get(text) ?? [];
    const setAside = own.flatMap(
      (fact) => reserved.get(byAccount(fact.connection, fact.externalRef)) ?? [],
    );
    const reservations = setAside.flatMap((each) => each.reservations);
    const parts = {
      entitlements: own.map((fact) => counter(fact)),
      claims: claims.get(text) ?? [],
      records: held.get(text) ?? [],
      allocations: reservations.map(({ fact }) => fact),
      counts: counts.get(text) ?? [],
    };
    const { gaps, doubts, units } = dataGapsOf(parts);
    pools.push({
      ...key,
      id,
      entry,
      entitlements: parts.entitlements,
      claims: parts.claims,
      holdings: held.has(text) ? holdings(parts.records) : NO_HOLDINGS,
      reservations,
      vendor: counts.has(text) ? vendorCountOf(parts.counts, snapshot.asOf) : null,
      gaps: [...gaps, ...setAside.flatMap((each) => each.gaps)],
      doubts: [...doubts, ...setAside.flatMap((each) => each.doubts)],
      units,
    });
  }
  return pools;
}

function textOf(key: PoolKey): string {
  return JSON.stringify([key.posture, key.ownerRef, key.skuCode]);
}

function keyOf(text: string): PoolKey {
  const [posture, ownerRef, skuCode]: [Posture, string, string] = JSON.parse(text);
  return { posture, ownerRef, skuCode };
}

function entitlementKey({ connection, body }: Fact<'entitlement'>, catalogue: Catalogue): PoolKey {
  const { posture, ownerRef, skuCode } = body;
  return {
    posture,
    ownerRef: posture === 'licensee' ? OWN : ownerRef,
    skuCode: catalogue.resolve(connection, skuCode),
  };
}

function claimKey(claim: Claim, catalogue: Catalogue): PoolKey {
  const { posture, ownerRef, skuCode, record } = claim;
  return { posture, ownerRef, skuCode: catalogue.resolve(record.connection, skuCode) };
}

/** A count names no customer: of what we sold it says nothing that belongs to one. */
const isOurs = ({ body }: Fact<'seatCount'>): boolean => body.posture === 'licensee';

function countKey({ connection, body }: Fact<'seatCount'>, catalogue: Catalogue): PoolKey {
  return {
    posture: 'licensee',
    ownerRef: OWN,
    skuCode: catalogue.resolve(connection, body.skuCode),
  };
}

/** A denial says neither whose it is nor of whom: licence servers are ours where nobody says otherwise. */
function holdingKey(record: HoldingRecord, catalogue: Catalogue): PoolKey {
  const { body } = record;
  const posture = 'posture' in body ? body.posture : 'licensee';
  const customerRef = 'customerRef' in body ? body.customerRef : undefined;
  return {
    posture,
    ownerRef: posture === 'licensee' ? OWN : (customerRef ?? 'unknown'),
    skuCode: catalogue.resolve(record.connection, body.skuCode ?? 'unknown'),
  };
}

function entitlementCounter(snapshot: Snapshot): (fact: Fact<'entitlement'>) => CountedEntitlement {
  const transactions = groupBy(snapshot.transactions.toSorted(bySource), (each) =>
    byAccount(each.connection, each.body.entitlementRef),
  );
  const agreements = groupBy(snapshot.agreements.toSorted(bySource), (each) => each.externalRef);
  return (fact) => {
    const named = agreements.get(fact.body.agreementRef ?? '') ?? [];
    const agreement = named.find((each) => each.body.posture === fact.body.posture);
    const own = transactions.get(byAccount(fact.connection, fact.externalRef)) ?? [];
    return rightsOf(fact, own, { asOf: snapshot.asOf, agreement });
  };
}
