import { addDays } from '../../kernel/dates.ts';
import type { PlantedDrift } from '../../sdk/define-twin.ts';
import { TODAY } from '../instants.ts';
import { bought, seat, type Purchase } from './bought.ts';
import { ofOwnPool, planting, times, type Planter, type Planting } from './planting.ts';

const ago = (days: number): string => addDays(TODAY, -days);
const subscribed = (sku: string, purchases: readonly Purchase[]) =>
  bought(sku, 'user_subscription', purchases);

/** Days between two terms on which a seat was held; renewals without a day between, and gaps that nobody used. */
function gaps({ prng, cases }: Planter): Planting {
  const two = (ends: number, days: number): readonly Purchase[] => [
    { quantity: 20, from: '2025-01-01', to: ago(ends) },
    { quantity: 20, from: ago(ends - days), to: '2027-01-01' },
  ];
  const open = times(cases(), (at) => ({ sku: `TERM-GAP-${at}`, ends: prng.int(9, 90), days: prng.int(1, 8) })); // prettier-ignore
  return planting({
    records: [
      ...open.flatMap(({ sku, ends, days }) => [
        ...subscribed(sku, two(ends, days)),
        seat(sku, 'term-held', { from: '2025-02-01' }),
      ]),
      ...subscribed('TERM-NEXT', two(40, 0)),
      seat('TERM-NEXT', 'term-held', { from: '2025-02-01' }),
      ...subscribed('TERM-UNUSED', two(40, 10)),
      seat('TERM-UNUSED', 'term-held', { from: ago(30) }),
      ...subscribed('TERM-OVERLAP', two(40, -10)),
      seat('TERM-OVERLAP', 'term-held', { from: '2025-02-01' }),
    ],
    planted: open.map(({ sku, ends, days }) =>
      ofOwnPool('term_gap', sku, `No right for ${days} days from ${ago(ends)}.`, ago(ends)),
    ),
  });
}

/** Lines that were closed by word that came long after their first day; and word that came in time. */
function amendments({ prng, cases }: Planter): Planting {
  const line = (sku: string, days: number, closed: boolean) =>
    subscribed(sku, [{ quantity: 20, from: ago(days), ...(closed ? { closedAfter: 12 } : {}) }]);
  const late = times(cases(), (at) => ({ sku: `AMEND-LATE-${at}`, days: prng.int(31, 300) }));
  return planting({
    records: [
      ...late.flatMap(({ sku, days }) => line(sku, days, false)),
      ...line('AMEND-TIMELY', 30, false),
      ...line('AMEND-NONE', 200, false),
      ...line('AMEND-BEFORE', 200, true),
    ],
    later: [
      ...late.flatMap(({ sku, days }) => line(sku, days, true)),
      ...line('AMEND-TIMELY', 30, true),
      ...line('AMEND-NONE', 200, false),
      ...line('AMEND-BEFORE', 200, true),
    ],
    planted: late.map(({ sku, days }): PlantedDrift => {
      const id = `ent:contracts:${sku}/1/1:reversal`;
      const note = `Eight rights less from ${ago(days)}, known on ${TODAY}.`;
      return { kind: 'late_amendment', subject: { type: 'EntitlementTransaction', id }, sku, note, since: TODAY }; // prettier-ignore
    }),
  });
}

/** One product bought again and again at several prices; and purchases that one agreement would not have made cheaper. */
function scattered({ prng, cases }: Planter): Planting {
  const buys = (prices: readonly string[], days: readonly number[], currency = 'EUR') =>
    prices.map((unitPrice, at): Purchase => ({ quantity: 5, from: ago(days[at] ?? 1), unitPrice, currency })); // prettier-ignore
  const many = times(cases(), (at) => ({ sku: `BUY-OFTEN-${at}`, last: prng.int(1, 26), low: prng.int(20, 60) })); // prettier-ignore
  return planting({
    records: [
      ...many.flatMap(({ sku, last, low }) =>
        subscribed(sku, buys([`${low + 9}`, `${low}`, `${low + 4}`], [300, 120, last])),
      ),
      ...subscribed('BUY-ONE-PRICE', buys(['40', '40', '40'], [300, 120, 30])),
      ...subscribed('BUY-TWICE', buys(['40', '50'], [300, 30])),
      ...subscribed('BUY-LONG-AGO', buys(['40', '50', '60'], [500, 120, 30])),
      ...subscribed('BUY-ABROAD', [...buys(['40', '50'], [300, 30]), ...buys(['45'], [60], 'USD')]),
    ],
    planted: many.map(({ sku, last }): PlantedDrift => {
      const note = 'Three orders within a year at three prices.';
      return { kind: 'scattered_purchases', subject: { type: 'Sku', id: sku }, sku, note, since: ago(last) }; // prettier-ignore
    }),
  });
}

/** What is wrong with the terms on which something was bought. */
export function plantTerms(planter: Planter): Planting {
  const all = [gaps, amendments, scattered].map((each) => each(planter));
  return planting({
    records: all.flatMap(({ records }) => records),
    later: all.flatMap(({ later }) => later),
    planted: all.flatMap(({ planted }) => planted),
  });
}
