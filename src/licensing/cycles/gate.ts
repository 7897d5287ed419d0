/** How a stream stood that feeds a run. */
export interface GateStream {
  readonly connection: string;
  /** `*` for a connection that is not read stream by stream. */
  readonly stream: string;
  /** When it was last read to its end, ISO 8601; null if never. */
  readonly lastReadAt: string | null;
  /** Null where it was read whole, proven and lately. */
  readonly problem: GateProblem | null;
}

export type GateProblem =
  | 'paused'
  | 'never_read'
  | 'parked'
  | 'failed'
  | 'not_mapped'
  | 'uncertified'
  | 'stale';

const WORDS: Readonly<Record<GateProblem, string>> = {
  paused: 'its connection is paused',
  never_read: 'it was never read',
  parked: 'its last read waits',
  failed: 'its last read failed',
  not_mapped: 'not all that was read is mapped',
  uncertified: 'it is not proven that all was read',
  stale: 'it was not read lately',
};

/** A stream that is not whole, in words. */
export function gateText({ connection, stream, problem, lastReadAt }: GateStream): string {
  const why = problem === null ? 'it is whole' : WORDS[problem];
  return `${connection}/${stream}: ${why}${lastReadAt === null ? '' : ` (last read ${lastReadAt})`}`;
}

/** What the last ended read of a stream was. */
export interface StreamState {
  readonly connection: string;
  readonly stream: string;
  readonly paused: boolean;
  readonly status: 'succeeded' | 'failed' | 'parked' | null;
  readonly finishedAt: Date | null;
  /** Pages that landed and are not mapped. */
  readonly unmapped: number;
  /** Whether the newest certificate is closed: null where nothing can be counted, undefined where there is none. */
  readonly closed: boolean | null | undefined;
}

/** Judges a stream. `freshMs`: how long ago it may have been read. What cannot be counted is never proven (contract §4). */
export function judgeStream(state: StreamState, now: Date, freshMs: number): GateStream {
  const { connection, stream, finishedAt } = state;
  return {
    connection,
    stream,
    lastReadAt: finishedAt?.toISOString() ?? null,
    problem: problemOf(state, now, freshMs),
  };
}

function problemOf(
  { paused, status, finishedAt, unmapped, closed }: StreamState,
  now: Date,
  freshMs: number,
): GateProblem | null {
  if (paused) return 'paused';
  if (status === null) return 'never_read';
  if (status !== 'succeeded') return status;
  if (unmapped > 0) return 'not_mapped';
  if (closed !== true) return 'uncertified';
  return finishedAt === null || now.getTime() - finishedAt.getTime() > freshMs ? 'stale' : null;
}
