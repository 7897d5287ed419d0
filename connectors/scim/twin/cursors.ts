import type { TwinCore } from '../../../src/sdk/twin-kit/twin-core.ts';
import { seededRandom } from '../../../src/sdk/twin-kit/faults.ts';
import { refuse } from './scim-error.ts';

/** Where a cursor stands: behind which resource of which list (RFC 9865). */
interface Place {
  readonly list: string;
  readonly after: number;
  readonly expiresAt: number;
}

/** The cursors that a directory gave out. They stand behind a resource, so rows that come or go shift nothing. */
export interface Cursors {
  /** A cursor for what follows the resource of this number. */
  give(list: string, after: number): string;
  /**
   * The number of the resource behind which a cursor stands; 0 for the empty one, which starts a list. Throws the
   * refusals invalidCursor and expiredCursor. The fault `expire_locator` makes a cursor expire early.
   */
  take(list: string, endpoint: string, cursor: string): number;
  clear(): void;
}

/** Cursors that live for `timeout` seconds of the twin's clock and look the same for the same seed. */
export function createCursors(core: TwinCore, timeout: number, seed: number): Cursors {
  const places = new Map<string, Place>();
  let random = seededRandom(seed);
  const now = (): number => core.clock.now().getTime();
  return {
    give: (list, after) => {
      const cursor = Array.from({ length: 20 }, () => Math.floor(random() * 36).toString(36)).join(
        '',
      );
      places.set(cursor, { list, after, expiresAt: now() + timeout * 1000 });
      return cursor;
    },
    take: (list, endpoint, cursor) => {
      if (cursor === '') return 0;
      const place = places.get(cursor);
      if (place === undefined || place.list !== list) {
        throw refuse(400, 'The cursor was not given out for this list.', 'invalidCursor');
      }
      const isForgotten = core.faults.fires('expire_locator', endpoint) !== undefined;
      if (isForgotten || place.expiresAt <= now()) {
        places.delete(cursor);
        throw refuse(400, 'The cursor has expired. Start over.', 'expiredCursor');
      }
      return place.after;
    },
    clear: () => {
      places.clear();
      random = seededRandom(seed);
    },
  };
}
