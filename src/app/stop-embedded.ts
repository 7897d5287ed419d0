import { stopEmbedded } from '../db/embedded/start-embedded.ts';

/** Stops the embedded store of a home; false when none runs. */
export function stopStore(home: string): Promise<boolean> {
  return stopEmbedded({ home });
}
