import { addDays } from '../../kernel/dates.ts';
import { TODAY } from '../instants.ts';
import { bought } from './bought.ts';
import {
  ofOwnPool,
  planting,
  times,
  type Planter,
  type Planting,
  type SaidRecord,
} from './planting.ts';

/** How many days are metered; the last one is yesterday. */
const DAYS = 56;
/** The first of the days on which a rise goes on. */
const RISE_FROM = DAYS - 13;

/** By how much days differ that mean nothing, four days long so that a weekday is never like the one before. */
const UNEVEN = [20, 60, 0, 30] as const;

/** What was metered on each day, oldest first. */
function metered(sku: string, values: readonly number[]): readonly SaidRecord[] {
  const rights = [{ quantity: 100_000_000, from: addDays(TODAY, -500) }];
  return [
    ...bought(sku, 'metered', rights),
    ...values.map((value, at): SaidRecord => {
      const day = addDays(TODAY, at - values.length);
      const body = {
        externalRef: `${sku}/${day}`,
        posture: 'licensee',
        subjectType: 'account',
        subjectRef: 'gateway',
        skuCode: sku,
        kind: 'metered',
        quantity: String(value),
        observedAt: `${addDays(day, 1)}T00:00:00.000Z`,
        from: `${day}T00:00:00.000Z`,
        to: `${addDays(day, 1)}T00:00:00.000Z`,
      };
      return { connection: 'gateway', noun: 'usageObservation', body };
    }),
  ];
}

/** Use that jumps on one day, use that creeps up, and use that has its own rhythm. */
export function plantMetered({ prng, cases }: Planter): Planting {
  const level = (size: number): number[] => times(DAYS, (at) => size * (100 + (at % 3)));
  // What a day differs by is more than it rises by, so that no day stands out from its weekday.
  const uneven = (size: number, rise: number): number[] =>
    times(DAYS, (at) => size * (1_000 + (UNEVEN[at % 4] ?? 0) + rise * Math.max(0, at - RISE_FROM + 1)));
  const spikes = times(cases(), (at) => ({ sku: `API-SPIKE-${at}`, size: prng.int(1, 40), by: prng.int(3, 9) })); // prettier-ignore
  const rises = times(cases(), (at) => ({ sku: `API-RISE-${at}`, size: prng.int(1, 40) }));
  const size = prng.int(1, 40);
  return planting({
    records: [
      ...spikes.flatMap(({ sku, size: own, by }) =>
        metered(sku, level(own).map((value, at) => (at === DAYS - 1 ? value * by : value))),
      ),
      ...rises.flatMap(({ sku, size: own }) =>
        metered(sku, uneven(own, 6)),
      ),
      ...metered('API-LEVEL', level(size)),
      ...metered('API-WEEKLY', times(DAYS, (at) => size * ((DAYS - 1 - at) % 7 < 2 ? 5 : 500))),
      ...metered('API-UNEVEN', uneven(size, 0)),
      ...metered('API-FALLING', uneven(size, -6)),
    ],
    planted: [
      ...spikes.map(({ sku, by }) => ofOwnPool('usage_spike', sku, `Yesterday's use was ${by} times the usual.`, TODAY)),
      ...rises.map(({ sku }) => ofOwnPool('usage_rise', sku, 'Use has grown a little each day for two weeks.')),
    ],
  });
} // prettier-ignore
