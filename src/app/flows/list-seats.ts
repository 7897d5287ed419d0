import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';
import { loadSeatWorld, type HeldSeat, type SeatFilter } from '../seat-selection.ts';

/** Seats that our own people hold in bought software today, by their references; all of them unless a filter is given. */
export function listSeats(
  deps: Deps,
  caller: Caller,
  filter: SeatFilter,
): Promise<readonly HeldSeat[]> {
  return deps.store.readTenant(caller.tenantId, async (tx) => {
    const world = await loadSeatWorld(tx, deps.clock.today());
    const { person, product, connection } = filter;
    if (person !== undefined || product !== undefined) return world.select(filter);
    return world.seats.filter((seat) => connection === undefined || seat.connection === connection);
  });
}
