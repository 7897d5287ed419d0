import { protocolError } from './define-route.ts';

/** How many streams of events are open. */
export interface ListenerLimit {
  /** Counts one more and returns what ends it. Throws a 429 when there are too many. */
  enter(tenantId: string): () => void;
}

const MOST_OF_ONE_COMPANY = 50;
const MOST = 500;

/** Bounds the streams of one process, and of each company's, so that none can take them all. */
export function createListenerLimit(): ListenerLimit {
  const open = new Map<string, number>();
  let sum = 0;
  return {
    enter: (tenantId) => {
      const own = open.get(tenantId) ?? 0;
      if (sum >= MOST || own >= MOST_OF_ONE_COMPANY) {
        throw protocolError(
          429,
          'too_many_streams',
          'Too many streams of events are open. Close some, or ask for the run itself from time to time.',
        );
      }
      sum += 1;
      open.set(tenantId, own + 1);
      return () => {
        sum -= 1;
        const left = (open.get(tenantId) ?? 1) - 1;
        if (left === 0) open.delete(tenantId);
        else open.set(tenantId, left);
      };
    },
  };
}
