import { setImmediate as nextTurn } from 'node:timers/promises';

/** Work that is not asked to pause for longer than this would be felt by others' requests. */
const LONGEST_MS = 20;

/** Gives a function to await between two pieces of work: others have their turn once it has been a while. */
export function takeTurns(): () => Promise<void> {
  let since = performance.now();
  return async () => {
    if (performance.now() - since < LONGEST_MS) return;
    await nextTurn();
    since = performance.now();
  };
}
