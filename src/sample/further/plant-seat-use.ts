import { addDays, type LocalDate } from '../../kernel/dates.ts';
import type { PlantedDrift } from '../../sdk/define-twin.ts';
import { officeInstant, TODAY } from '../instants.ts';
import { bought, seat, signOfUse } from './bought.ts';
import { planting, times, type Planter, type Planting } from './planting.ts';

const IDLE = 'USE-IDLE';
const GHOST = 'USE-GHOST';
const FLOATING = 'USE-FLOAT';
const HELD = { from: '2025-02-01' };

function found(kind: string, login: string, sku: string, note: string, since: LocalDate): PlantedDrift {
  return { kind, subject: { type: 'UserAccount', id: login }, sku, note, since };
} // prettier-ignore

/** Seats whose last sign of use is two months old, and those that are not idle or of which nothing is known. */
function dormant({ prng, cases }: Planter): Planting {
  const at = (days: number): string => officeInstant(prng, addDays(TODAY, -days));
  const idle = times(cases(), (each) => ({ login: `idle-${each}`, days: prng.int(60, 86) }));
  return planting({
    records: [
      ...bought(IDLE, 'user_subscription', [{ quantity: 100, from: addDays(TODAY, -500) }]),
      ...idle.flatMap(({ login, days }) => [
        seat(IDLE, login, HELD),
        signOfUse(IDLE, login, at(days)),
      ]),
      seat(IDLE, 'idle-nearly', HELD),
      signOfUse(IDLE, 'idle-nearly', at(59)),
      seat(IDLE, 'idle-unknown', HELD),
      seat(IDLE, 'idle-counted', HELD),
      signOfUse(IDLE, 'idle-counted', at(80), 'assigned'),
      seat(IDLE, 'idle-again', { from: addDays(TODAY, -20) }),
      signOfUse(IDLE, 'idle-again', at(200)),
      seat(IDLE, 'idle-busy', HELD),
      signOfUse(IDLE, 'idle-busy', at(190)),
      signOfUse(IDLE, 'idle-busy', at(2)),
    ],
    planted: idle.map(({ login, days }) => {
      const last = addDays(TODAY, -days);
      const note = `The last use was on ${last}.`;
      return found('dormant_seat', login, IDLE, note, addDays(last, 60));
    }),
  });
}

/** Use without a seat of what is given to named people, and use that is covered. */
function ghosts({ prng, cases }: Planter): Planting {
  const at = (days: number): string => officeInstant(prng, addDays(TODAY, -days));
  const seen = times(cases(), (each) => ({ login: `ghost-${each}`, days: prng.int(1, 26) }));
  const rights = [{ quantity: 100, from: addDays(TODAY, -500) }];
  return planting({
    records: [
      ...bought(GHOST, 'named_user', rights),
      ...bought(FLOATING, 'concurrent', rights),
      ...seen.map(({ login, days }) => signOfUse(GHOST, login, at(days))),
      seat(GHOST, 'ghost-seated', HELD),
      signOfUse(GHOST, 'ghost-seated', at(4)),
      signOfUse(GHOST, 'ghost-counted', at(4), 'assigned'),
      signOfUse(GHOST, 'ghost-former', at(45)),
      signOfUse(FLOATING, 'ghost-floating', at(4)),
    ],
    planted: seen.map(({ login, days }) => {
      const since = addDays(TODAY, -days);
      return found('ghost_usage', login, GHOST, `Used on ${since} without a seat.`, since);
    }),
  });
}

/** Seats that nobody uses, and use that nobody has a seat for. */
export function plantSeatUse(planter: Planter): Planting {
  const [idle, unseated] = [dormant(planter), ghosts(planter)];
  return planting({
    records: [...idle.records, ...unseated.records],
    planted: [...idle.planted, ...unseated.planted],
  });
}
