import {
  addQuantity,
  excess,
  minQuantity,
  subtractQuantity,
  sumQuantities,
  type Quantity,
} from '../../kernel/quantity.ts';
import { parseFraction } from '../../kernel/rational.ts';
import { hashJson } from '../../kernel/hash.ts';
import type { PoolFigures } from '../figures.ts';
import { compareText, groupBy } from '../sort.ts';
import type { DemandClass } from './allocation-problem.ts';
import type { Profile } from './profiles.ts';
import type { OfferedSlice } from './slices.ts';
import type { Terms } from './terms.ts';

/** A class of demand with what tells it from the others of its pool. */
export interface ProfiledClass extends DemandClass {
  readonly profile: Profile;
  /** Further devices of the same users that each licensed unit covers. */
  readonly tied: number;
}

/** Rights that an allocation gives to one subject: phase 0. */
export interface Pin {
  readonly sliceId: string;
  readonly classId: string;
  readonly quantity: Quantity;
}

/** The demand of one pool, and what allocations take of its rights before anything is shared out. */
export interface PoolDemand {
  readonly classes: readonly ProfiledClass[];
  readonly pins: readonly Pin[];
  /** Rights that blocking allocations hold without use, by slice. */
  readonly idle: ReadonlyMap<string, Quantity>;
  readonly overAllocated: boolean;
}

/** Puts subjects that may draw on the same rights together; of what a metric asks beyond its subjects it makes a class of its own. */
export function demandOf(
  figures: PoolFigures,
  slices: readonly OfferedSlice[],
  terms: Terms,
  profileOf: (subjectId: string) => Profile,
): PoolDemand {
  const { met, pool } = figures;
  const own = slices.filter((slice) => slice.poolId === pool.id);
  const left = new Map(own.map((slice) => [slice.id, slice.quantity]));
  const tied = secondDevices(figures, own);
  const pins: Pin[] = [];
  const sums = new Map<string, { quantity: Quantity; profile: Profile; tied: number }>();
  const reservations = groupBy(pool.reservations, ({ subjectId }) => subjectId);
  const price = figures.price.kind === 'priced' ? figures.price.price.value : null;
  const addTo = (quantity: Quantity, profile: Profile, further: number): string => {
    const id = classId(pool.id, profile, further);
    const before = sums.get(id)?.quantity ?? '0';
    sums.set(id, { quantity: addQuantity(before, quantity), profile, tied: further });
    return id;
  };
  for (const { subjectId, licensableQuantity } of met.counted) {
    if (tied.covered.has(subjectId)) continue;
    const profile = relevant(profileOf(subjectId), terms);
    let open = licensableQuantity;
    const id = addTo('0', profile, tied.byPrimary.get(subjectId) ?? 0);
    for (const { fact, quantity } of reservations.get(subjectId) ?? []) {
      const wanted = minQuantity(quantity, open);
      for (const pin of draw(own, left, fact, wanted, profile)) {
        pins.push({ ...pin, classId: id });
        open = subtractQuantity(open, pin.quantity);
      }
    }
    addTo(open, profile, tied.byPrimary.get(subjectId) ?? 0);
  }
  const counted = sumQuantities(met.counted.map((each) => each.licensableQuantity));
  const beyond = excess(met.required, counted);
  if (beyond !== '0') addTo(beyond, {}, 0);
  const { idle, missed } = idleOf(figures, own, left);
  return {
    classes: [...sums]
      .toSorted(([one], [other]) => compareText(one, other))
      .map(([id, each]) => ({
        id,
        poolId: pool.id,
        trueUpPrice: price,
        weight: 1 + each.tied,
        ...each,
      })),
    pins,
    idle,
    overAllocated: missed,
  };
}

function classId(poolId: string, profile: Profile, tied: number): string {
  const parts = Object.entries(profile).map(([dimension, value]) => `${dimension}=${value}`);
  if (tied > 0) parts.push(`second_devices=${tied}`);
  const name = parts.toSorted(compareText).join(',');
  return `${poolId}/${name.length > 120 ? hashJson(name).slice(0, 26) : name}`;
}

function relevant(profile: Profile, { dimensions }: Terms): Profile {
  return Object.fromEntries(
    Object.entries(profile).filter(([dimension]) => dimensions.has(dimension as keyof Profile)),
  );
}

type Facts = PoolFigures['pool']['reservations'][number]['fact'];

/** Takes rights of an allocation's entitlement, first of what is meant for such a subject; an allocation goes before rules. */
function draw(
  own: readonly OfferedSlice[],
  left: Map<string, Quantity>,
  { connection, body }: Facts,
  wanted: Quantity,
  profile: Profile,
): readonly { readonly sliceId: string; readonly quantity: Quantity }[] {
  const named = own.filter(
    ({ entitlement, kind }) =>
      kind !== 'grace' &&
      entitlement?.fact.externalRef === body.entitlementRef &&
      entitlement.fact.connection === connection,
  );
  const taken: { sliceId: string; quantity: Quantity }[] = [];
  let open = wanted;
  for (const isMeant of [true, false]) {
    for (const slice of named.filter((each) => (each.refuses(profile) === null) === isMeant)) {
      const quantity = minQuantity(open, left.get(slice.id) ?? '0');
      if (quantity === '0') continue;
      left.set(slice.id, excess(left.get(slice.id) ?? '0', quantity));
      open = excess(open, quantity);
      taken.push({ sliceId: slice.id, quantity });
    }
  }
  return taken;
}

/** What blocking allocations hold beyond the use of their subjects, as far as their entitlements have rights left. */
function idleOf(
  { pool, met }: PoolFigures,
  own: readonly OfferedSlice[],
  left: Map<string, Quantity>,
): { readonly idle: ReadonlyMap<string, Quantity>; readonly missed: boolean } {
  const needs = new Map(met.counted.map((each) => [each.subjectId, each.licensableQuantity]));
  const idle = new Map<string, Quantity>();
  let missed = false;
  for (const [subjectId, all] of groupBy(pool.reservations, (each) => each.subjectId)) {
    const blocking = all.filter((each) => each.blocking);
    let open = excess(
      sumQuantities(blocking.map(({ quantity }) => quantity)),
      needs.get(subjectId) ?? '0',
    );
    for (const { fact } of blocking) {
      for (const { sliceId, quantity } of draw(own, left, fact, open, {})) {
        idle.set(sliceId, addQuantity(idle.get(sliceId) ?? '0', quantity));
        open = excess(open, quantity);
      }
    }
    missed ||= open !== '0';
  }
  return { idle, missed };
}

const PORTABLE: ReadonlySet<string> = new Set(['laptop', 'mobile']);

/**
 * Portable devices that a licensed device of the same user covers (G-63): as many as the right's ratio says for each of them. Only
 * where all rights of the pool in force allow it, for nobody can say which of them licenses a device.
 */
function secondDevices(
  { pool, met }: PoolFigures,
  own: readonly OfferedSlice[],
): { readonly covered: ReadonlySet<string>; readonly byPrimary: ReadonlyMap<string, number> } {
  const ratios = own
    .filter(({ kind, quantity }) => kind !== 'grace' && quantity !== '0')
    .map(({ useRights }) => useRights.find(({ kind }) => kind === 'secondary_use')?.ratio ?? '0');
  const each = ratios.map((ratio) => parseFraction(ratio)).map(({ num, den }) => Number(num / den));
  const most = each.length === 0 ? 0 : Math.min(...each);
  const covered = new Set<string>();
  const byPrimary = new Map<string, number>();
  if (most === 0) return { covered, byPrimary };
  const single = new Set(
    met.counted.flatMap((one) => (one.licensableQuantity === '1' ? [one.subjectId] : [])),
  );
  const byUser = groupBy(
    pool.holdings.devices.filter(
      ({ deviceId, primaryUserId }) => single.has(deviceId) && primaryUserId !== null,
    ),
    ({ primaryUserId }) => primaryUserId ?? '',
  );
  for (const devices of byUser.values()) {
    const portable = devices
      .filter(({ kind }) => PORTABLE.has(kind))
      .map(({ deviceId }) => deviceId);
    for (const { deviceId } of devices.filter(({ kind }) => !PORTABLE.has(kind))) {
      const further = portable.splice(0, most);
      if (further.length > 0) byPrimary.set(deviceId, further.length);
      for (const one of further) covered.add(one);
    }
  }
  return { covered, byPrimary };
}
