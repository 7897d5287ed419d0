/**
 * The waits of Standard Webhooks after the first, second, … attempt that failed: about three days in all. Each is drawn
 * evenly between half of it and one and a half, so that many that failed together do not come back together.
 */
const STEPS_S = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];
const LONGEST_S = 86_400;
/** How long an endpoint that does not answer is left alone: doubled each time, up to this. */
const LONGEST_REST_S = 300;
const FIRST_REST_S = 5;
const GONE = 410;
/** The receiver, or what stands before it, is not able to take anything now. */
const OVERLOADED: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** What became of one call. */
export interface Answered {
  /** Null when no answer came. */
  readonly status: number | null;
  /** Why it did not arrive; null for 2xx. */
  readonly error: string | null;
  /** What the receiver asked for with Retry-After, in seconds. */
  readonly retryAfterS: number | null;
  /** The call could not even be made as the endpoint is set up. */
  readonly misplaced?: boolean;
}

/** What follows from an answer, for the delivery and for its endpoint. */
export interface NextStep {
  readonly state: 'delivered' | 'waiting' | 'failed';
  readonly waitS: number;
  /** How long nothing at all is sent to the endpoint; 0 where only this event had no luck. */
  readonly restS: number;
  readonly gone: boolean;
}

/**
 * What follows from the answer to one attempt. `attempts` are those before it, `silences` the calls to the endpoint before
 * it that had no answer, `once` what is not tried again, `random` in [0, 1). Pure.
 */
export function nextStep(
  answer: Answered,
  before: { readonly attempts: number; readonly silences: number; readonly once: boolean },
  random: () => number,
): NextStep {
  const { status, retryAfterS } = answer;
  if (answer.error === null) return { state: 'delivered', waitS: 0, restS: 0, gone: false };
  const gone = status === GONE;
  const step = before.once || gone ? undefined : STEPS_S[before.attempts];
  const asked = Math.min(retryAfterS ?? 0, LONGEST_S);
  const isDown = status === null ? answer.misplaced !== true : OVERLOADED.has(status);
  const rest = Math.min(FIRST_REST_S * 2 ** Math.min(before.silences, 20), LONGEST_REST_S);
  return {
    state: step === undefined ? 'failed' : 'waiting',
    waitS: step === undefined ? 0 : Math.max(spread(step, random), asked),
    restS: isDown && !before.once ? Math.max(spread(rest, random), asked) : 0,
    gone,
  };
}

function spread(seconds: number, random: () => number): number {
  return seconds * (0.5 + random());
}
