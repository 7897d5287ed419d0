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

const SERVER = 'licence-server';
const DAYS = 56;
/** Licences that are given on each day: with two denials a month, less than one request in a hundred is refused. */
const DAILY = 8;
/** The daemon's own codes: all licences are out; and the user is on no list. */
const CAPACITY = '-4';
const NOT_LISTED = '-38';

function givenOut(sku: string): readonly SaidRecord[] {
  return times(DAYS * DAILY, (at) => {
    const day = addDays(TODAY, Math.floor(at / DAILY) - DAYS);
    const hour = String(8 + (at % DAILY)).padStart(2, '0');
    const body = {
      externalRef: `${sku}/out/${at}`,
      posture: 'licensee',
      skuCode: sku,
      feature: sku,
      userRef: `${sku.toLowerCase()}-${at % 5}`,
      outAt: `${day}T${hour}:00:00.000Z`,
      inAt: `${day}T${hour}:30:00.000Z`,
      endReason: 'in',
    };
    return { connection: SERVER, noun: 'checkoutInterval' as const, body };
  });
}

function denial(sku: string, user: string, at: string, reasonCode = CAPACITY): SaidRecord {
  const body = { externalRef: `${sku}/no/${user}/${at}`, skuCode: sku, feature: sku, reasonCode, userRef: user, at };
  return { connection: SERVER, noun: 'denialEvent', body };
} // prettier-ignore

const server = (sku: string): readonly SaidRecord[] => [
  ...bought(sku, 'concurrent', [{ quantity: 10, from: addDays(TODAY, -500) }]),
  ...givenOut(sku),
];

/** A licence server that says no too often, and one that says it seldom, twice to one request, or for another cause. */
export function plantDenials({ prng, cases }: Planter): Planting {
  const refused = times(cases(), (at) => ({
    sku: `CAD-DENY-${at}`,
    days: times(prng.int(3, 7), () => prng.int(1, 26)).toSorted((left, right) => right - left),
  }));
  const seconds = (at: number): string => `${addDays(TODAY, -5)}T09:00:${String(at * 9).padStart(2, '0')}.000Z`; // prettier-ignore
  const noon = (days: number): string => `${addDays(TODAY, -days)}T12:00:00.000Z`;
  return planting({
    records: [
      ...refused.flatMap(({ sku, days }) => [
        ...server(sku),
        ...days.map((each, at) => denial(sku, `wants-${at}`, noon(each))),
      ]),
      ...['CAD-SELDOM', 'CAD-RETRY', 'CAD-LISTED'].flatMap(server),
      ...[3, 9].map((days) => denial('CAD-SELDOM', 'wants', noon(days))),
      ...times(6, (at) => denial('CAD-RETRY', 'wants', seconds(at))),
      ...times(6, (at) => denial('CAD-LISTED', `wants-${at}`, noon(at + 2), NOT_LISTED)),
    ],
    planted: refused.map(({ sku, days }) =>
      ofOwnPool('denial_rate', sku, `${days.length} requests were denied.`, addDays(TODAY, 1 - (days[2] ?? 0))),
    ),
  }); // prettier-ignore
}
