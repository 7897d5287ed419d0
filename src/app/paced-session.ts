import { RateLimited, RemoteUnavailable } from '../kernel/errors.ts';
import type { ConnectorSession } from '../sdk/define-connector.ts';
import type { WriteResult } from '../sdk/write.ts';
import type { Lane } from './pacing.ts';

/** Effects wait for it: a system that is back is noticed within a minute. */
const LONGEST_OPEN_MS = 60_000;

/**
 * A session whose calls for deliveries go through the connection's lane: none is made while its breaker is open, and each
 * tells the lane what came of it. A call is made once: what failed is tried again by a later turn, never here.
 * `oneByOne`: the vendor is called once for each record, so each result of a write counts.
 */
export function pacedSession(
  session: ConnectorSession,
  lane: Lane,
  oneByOne: boolean,
): ConnectorSession {
  const paced = async <T>(
    ask: () => Promise<T>,
    outcomes: (answer: T) => readonly (RemoteUnavailable | undefined)[] = () => [undefined],
  ): Promise<T> => {
    enter(lane);
    try {
      const answer = await ask();
      for (const outcome of outcomes(answer)) lane.leave(outcome, LONGEST_OPEN_MS);
      return answer;
    } catch (error) {
      lane.leave(error, LONGEST_OPEN_MS);
      if (isVendorsWait(error)) lane.hold(error.retryAt);
      throw error;
    }
  };
  return {
    ...session,
    write: async (object, requests) => {
      const results = await paced(
        () => session.write(object, requests),
        (all) => outcomesOf(all, oneByOne),
      );
      const until = comeBackAt(results);
      if (until !== null) lane.hold(until);
      return results;
    },
    describe: (object) => paced(() => session.describe(object)),
    readBack: (...args) => paced(() => session.readBack(...args)),
  };
}

/** What is not asked was not sent. */
function enter(lane: Lane): void {
  try {
    lane.enter(true);
  } catch (error) {
    if (!(error instanceof RemoteUnavailable)) throw error;
    const details = { ...error.details, sent: false, nothingApplied: true };
    throw new RemoteUnavailable(error.message, { details, cause: error });
  }
}

/** When the vendor wants us back, by the results of a write; null where it does not say. */
export function comeBackAt(results: readonly WriteResult[]): Date | null {
  const times = results.flatMap((each) =>
    each.kind === 'retry' && each.retryAt !== undefined ? [Date.parse(each.retryAt)] : [],
  );
  return times.length === 0 ? null : new Date(Math.max(...times));
}

/** A budget of our own that is spent holds nobody who may touch its reserve. */
function isVendorsWait(error: unknown): error is RateLimited & { readonly retryAt: Date } {
  return (
    error instanceof RateLimited && error.retryAt !== undefined && error.details['sent'] !== false
  );
}

/** What each call of a write says about the other side; undefined for an answer, whatever it was. */
function outcomesOf(
  results: readonly WriteResult[],
  oneByOne: boolean,
): readonly (RemoteUnavailable | undefined)[] {
  const outcomes = results.map(failureIn);
  if (oneByOne) return outcomes;
  return [outcomes.every((each) => each !== undefined) ? outcomes[0] : undefined];
}

/** No answer came, or the call never left. */
function failureIn(result: WriteResult): RemoteUnavailable | undefined {
  const isLost = result.kind === 'unknown' && result.mayArrive;
  const isUnsent = result.kind === 'retry' && result.code === 'remote_unavailable';
  return isLost || isUnsent ? new RemoteUnavailable(result.message) : undefined;
}
