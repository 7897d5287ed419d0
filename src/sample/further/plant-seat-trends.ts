import { addDays } from '../../kernel/dates.ts';
import { TODAY } from '../instants.ts';
import { bought, seat } from './bought.ts';
import {
  ofOwnPool,
  planting,
  times,
  type Planter,
  type Planting,
  type SaidRecord,
} from './planting.ts';

/** Seats of a product by the day on which they were given, how many days ago. */
function seatsOf(sku: string, given: readonly number[]): readonly SaidRecord[] {
  return given.map((days, at) =>
    seat(sku, `${sku.toLowerCase()}-${at}`, { from: addDays(TODAY, -days) }),
  );
}

const pool = (sku: string, quantity: number, ago = 500): readonly SaidRecord[] =>
  bought(sku, 'user_subscription', [{ quantity, from: addDays(TODAY, -ago) }]);

/** Many seats that were given on one day, where far more rights are left. */
function given({ prng, cases }: Planter): Planting {
  return planting({
    ...joined(
      times(cases(), (at) => {
        const sku = `SEAT-UP-${at}`;
        const [more, days] = [prng.int(11, 30), prng.int(1, 26)];
        return {
          records: [
            ...pool(sku, 600),
            ...seatsOf(sku, [...times(200, () => 300), ...times(more, () => days)]),
          ],
          planted: ofOwnPool(
            'seat_drift',
            sku,
            `${more} seats were given on one day.`,
            addDays(TODAY, -days),
          ),
        };
      }),
    ),
  });
}

/** Seats that were taken from more than a twentieth of the rights. */
function taken({ prng, cases }: Planter): Planting {
  return planting(
    joined(
      times(cases(), (at) => {
        const sku = `SEAT-DOWN-${at}`;
        const [fewer, days] = [prng.int(6, 10), prng.int(1, 26)];
        const to = addDays(TODAY, -days);
        return {
          records: [
            ...pool(sku, 100),
            ...times(60, (each) => seat(sku, `${sku.toLowerCase()}-${each}`, { from: '2025-01-01', ...(each < fewer ? { to } : {}) })),
          ],
          planted: ofOwnPool('seat_drift', sku, `${fewer} seats were taken on one day.`, to),
        };
      }),
    ),
  ); // prettier-ignore
}

/** A seat a day, until few rights are left: they run out, and the seats have drifted too. */
function runningOut({ prng, cases }: Planter): Planting {
  const found = times(cases(), (at) => {
    const sku = `SEAT-OUT-${at}`;
    const [before, rise] = [prng.int(55, 62), prng.int(21, 25)];
    const daily = times(rise, (each) => rise - each);
    return {
      records: [...pool(sku, 100), ...seatsOf(sku, [...times(before, () => 300), ...daily])],
      sku,
      rise,
    };
  });
  return planting({
    records: found.flatMap(({ records }) => records),
    planted: found.flatMap(({ sku, rise }) => [
      ofOwnPool('exhaustion_forecast', sku, `A seat a day for ${rise} days.`),
      ofOwnPool('seat_drift', sku, `${rise} seats in ${rise} days.`, addDays(TODAY, 5 - rise)),
    ]),
  });
}

/** What moves as well and is neither: few seats, and seats of rights that were bought just now. */
function lookalikes({ prng }: Planter): Planting {
  return planting({
    records: [
      ...pool('SEAT-FEW', 400),
      ...seatsOf('SEAT-FEW', [...times(150, () => 300), ...times(10, () => prng.int(1, 26))]),
      ...pool('SEAT-NEW', 40, 20),
      ...seatsOf(
        'SEAT-NEW',
        times(30, () => prng.int(1, 19)),
      ),
      ...pool('SEAT-STILL', 100),
      ...seatsOf(
        'SEAT-STILL',
        times(85, () => 200),
      ),
    ],
  });
}

function joined(
  cases: readonly { records: readonly SaidRecord[]; planted: Planting['planted'][number] }[],
): Pick<Planting, 'records' | 'planted'> {
  return {
    records: cases.flatMap(({ records }) => records),
    planted: cases.map(({ planted }) => planted),
  };
}

/** Seats that came and went within weeks, and rights that run out. */
export function plantSeatTrends(planter: Planter): Planting {
  const all = [given, taken, runningOut, lookalikes].map((each) => each(planter));
  return planting({
    records: all.flatMap(({ records }) => records),
    planted: all.flatMap(({ planted }) => planted),
  });
}
