import { setImmediate as nextTurn } from 'node:timers/promises';
import { besideWorker, pauseWorker } from './schedule.ts';

// What the sources under test get for `node:timers/promises` while they are simulated: waits of the virtual clock.

/** Waits `ms` of the virtual clock; rejects when the signal aborts, as the real one does. */
async function virtualTimeout<T>(
  ms = 0,
  value?: T,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<T | undefined> {
  options.signal?.throwIfAborted();
  await pauseWorker(ms);
  options.signal?.throwIfAborted();
  return value;
}

/** A turn of the event loop that no schedule knows of would come whenever the machine pleases. */
const virtualImmediate = (): Promise<void> => besideWorker(() => nextTurn());

export { virtualImmediate as setImmediate, virtualTimeout as setTimeout };
