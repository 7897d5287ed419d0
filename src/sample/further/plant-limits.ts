import { TODAY } from '../instants.ts';
import { addDays } from '../../kernel/dates.ts';
import { bought, seat } from './bought.ts';
import { ofOwnPool, planting, times, type Planter, type Planting } from './planting.ts';

const OWNED = 50;

/** Rights that are nearly used up, used up, and not nearly used up; the publisher tells no day of any seat. */
export function plantLimits({ prng, cases }: Planter): Planting {
  const pool = (sku: string, held: number) => [
    ...bought(sku, 'user_subscription', [{ quantity: OWNED, from: addDays(TODAY, -400) }]),
    ...times(held, (at) => seat(sku, `${sku.toLowerCase()}-${at}`)),
  ];
  const soft = times(cases(), (at) => ({ sku: `LIM-SOFT-${at}`, held: prng.int(45, 49) }));
  const hard = times(cases(), (at) => ({ sku: `LIM-HARD-${at}`, held: prng.int(50, 58) }));
  const room = times(4, (at) => ({ sku: `LIM-ROOM-${at}`, held: prng.int(0, 44) }));
  return planting({
    records: [...soft, ...hard, ...room].flatMap(({ sku, held }) => pool(sku, held)),
    planted: [
      ...soft.map(({ sku, held }) =>
        ofOwnPool('soft_limit_reached', sku, `${held} of ${OWNED} rights are held.`),
      ),
      ...hard.map(({ sku, held }) =>
        ofOwnPool('hard_limit_reached', sku, `${held} of ${OWNED} rights are held.`),
      ),
    ],
  });
}
