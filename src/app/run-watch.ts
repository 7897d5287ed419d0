import type { Store } from '../db/store.ts';
import { runProgress, type RunProgress } from '../intake/run-progress.ts';
import { hashJson } from '../kernel/hash.ts';

/** A state of a run, with a name that is the same for the same state. */
export interface SeenProgress {
  readonly stamp: string;
  readonly progress: RunProgress;
  /** Nothing more comes: all streams have ended, and all pages are mapped or mapping stands still. */
  readonly isFinal: boolean;
}

interface Watch {
  seen: SeenProgress | undefined;
  failure: Error | undefined;
  readonly listeners: Set<() => void>;
}

/** A small pull ends within a second or two; whoever waits for its end shall not wait for the next look. */
const LOOK_MS = 200;
const LOOK_LATER_MS = 1000;
const EAGER_MS = 15_000;
/** A change is told once a second at most, the end at once. */
const TELL_MS = 1000;
/** Mapping that stands still for so long does not end by waiting. */
const MAPPING_STALLS_MS = 60_000;

/** Per store, so that two programs in one process do not share what they look at. */
const all = new WeakMap<Store, Map<string, Watch>>();

/**
 * The states of a run as they change, first the one of now; who is slow misses some, never the newest. However many
 * watch a run, this process looks at it once. Ends when `signal` aborts; throws NotFoundError for an unknown run.
 */
export async function* watchProgress(
  store: Store,
  tenantId: string,
  runId: string,
  signal: AbortSignal,
): AsyncGenerator<SeenProgress, void> {
  const watch = watchOf(store, tenantId, runId);
  let wake = (): void => undefined;
  const listener = (): void => wake();
  watch.listeners.add(listener);
  signal.addEventListener('abort', listener);
  try {
    let last: SeenProgress | undefined;
    while (!signal.aborted) {
      const changed = new Promise<void>((resolve) => (wake = resolve));
      if (watch.failure !== undefined) throw watch.failure;
      if (watch.seen === last) await changed;
      else if (watch.seen !== undefined) yield (last = watch.seen);
    }
  } finally {
    watch.listeners.delete(listener);
    signal.removeEventListener('abort', listener);
  }
}

function watchOf(store: Store, tenantId: string, runId: string): Watch {
  const watches = all.get(store) ?? new Map<string, Watch>();
  all.set(store, watches);
  const name = `${tenantId}/${runId}`;
  const known = watches.get(name);
  if (known !== undefined) return known;
  const watch: Watch = { seen: undefined, failure: undefined, listeners: new Set() };
  watches.set(name, watch);
  const ask = () => store.readTenant(tenantId, (tx) => runProgress(tx, runId));
  void look(watch, ask, () => watches.delete(name));
  return watch;
}

/** Looks at the run for as long as somebody listens. */
async function look(
  watch: Watch,
  ask: () => Promise<RunProgress>,
  forget: () => void,
): Promise<void> {
  const startedAt = performance.now();
  let changedAt = startedAt;
  let toldAt = Number.NEGATIVE_INFINITY;
  let newest = '';
  do {
    const progress = await ask().catch((error: unknown) => {
      watch.failure = error instanceof Error ? error : new Error(String(error));
      return null;
    });
    if (progress === null) break;
    const now = performance.now();
    const stamp = stampOf(progress);
    if (stamp !== newest) changedAt = now;
    newest = stamp;
    const isFinal = hasEnded(progress) && (unmapped(progress) === 0 || now - changedAt >= MAPPING_STALLS_MS); // prettier-ignore
    const isNew = stamp !== watch.seen?.stamp || isFinal !== watch.seen.isFinal;
    if (isNew && (isFinal || now - toldAt >= TELL_MS)) {
      watch.seen = { stamp, progress, isFinal };
      toldAt = now;
      for (const listener of watch.listeners) listener();
    }
    await pause(now - startedAt < EAGER_MS ? LOOK_MS : LOOK_LATER_MS);
  } while (watch.listeners.size > 0);
  // Whoever comes from now on starts anew: a failure is for those who saw it.
  forget();
  for (const listener of watch.listeners) listener();
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, ms).unref());
}

function stampOf({ id, connection, status, streams }: RunProgress): string {
  const plain = streams.map((each) => ({
    ...each,
    resumeAt: each.resumeAt?.toISOString() ?? null,
  }));
  return hashJson({ id, connection, status, streams: plain }).slice(0, 16);
}

function hasEnded({ status }: RunProgress): boolean {
  return status === 'succeeded' || status === 'failed';
}

function unmapped({ streams }: RunProgress): number {
  return streams.reduce((sum, stream) => sum + stream.unmappedPages, 0);
}
