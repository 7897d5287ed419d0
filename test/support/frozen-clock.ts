import type { TestStore } from './database.ts';

/** The database's clock while a test holds it still. */
export interface FrozenClock {
  now(): number;
  /** Moves it on. Nothing moves it back: a lease must end. */
  advance(milliseconds: number): Promise<void>;
}

/** A day after all tests: stamps of the held clock must not lie before those that the server gives by itself. */
const START = Date.UTC(2100, 0, 1);

/** Holds `app.clock()` of this database still, so that leases and waits end when a test says so and not before. */
export async function freezeClock(db: Pick<TestStore, 'force'>): Promise<FrozenClock> {
  let at = START;
  const hold = () =>
    db.force(`create or replace function app.clock() returns timestamptz language sql volatile parallel safe
      as $$ select timestamptz '${new Date(at).toISOString()}' $$`);
  await hold();
  return {
    now: () => at,
    advance: async (milliseconds) => {
      at += milliseconds;
      await hold();
    },
  };
}
