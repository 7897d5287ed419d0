import cliProgress from 'cli-progress';
import type { ApiClient } from './api-client.ts';

/** How far one stream of a run is, as the API tells it. */
export interface StreamProgressView {
  readonly stream: string;
  readonly status: 'waiting' | 'reading' | 'read' | 'parked' | 'succeeded' | 'failed';
  readonly pages: number;
  readonly landed: number;
  readonly unmappedPages: number;
  readonly expected: number | null;
  readonly resumeAt: string | null;
}

/** One stream of a run as the API shows it. */
export interface RunStreamView extends StreamProgressView {
  readonly created: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly superseded: number;
  readonly rejected: number;
  readonly quarantined: number;
  readonly certificate: {
    readonly sourceCount: number | null;
    readonly closed: boolean | null;
    readonly missingIds: readonly string[];
    readonly caveats?: readonly string[];
  } | null;
  readonly error: { readonly code: string; readonly message: string } | null;
}

interface RunHead {
  readonly id: string;
  readonly connection: string;
  readonly status: 'running' | 'parked' | 'succeeded' | 'failed';
}

export interface RunProgressView extends RunHead {
  readonly streams: readonly StreamProgressView[];
}

export interface RunView extends RunHead {
  readonly streams: readonly RunStreamView[];
}

export interface WaitOptions {
  /** Go on waiting while the run is parked: for its budget, its vendor or its credentials. */
  readonly throughParks?: boolean;
}

const LINE_EVERY_MS = 10_000;

/**
 * Follows a run until all of it is read and mapped, or it is parked: a bar on a terminal, else a line every 10 seconds,
 * on stderr. Returns the run as it is then.
 */
export async function waitForRun(
  api: ApiClient,
  runId: string,
  err: NodeJS.WriteStream,
  options: WaitOptions = {},
): Promise<RunView> {
  const path = `/runs/${encodeURIComponent(runId)}`;
  const display = err.isTTY ? showBar(err) : showLines(err);
  try {
    for await (const { event, data } of api.events(`${path}/events`)) {
      if (event === 'end') return data as RunView;
      const progress = data as RunProgressView;
      display.update(progress);
      if (progress.status === 'parked' && options.throughParks !== true) break;
    }
  } finally {
    display.stop();
  }
  return await api.get<RunView>(path);
}

interface Display {
  update(progress: RunProgressView): void;
  stop(): void;
}

function showBar(err: NodeJS.WriteStream): Display {
  const bar = new cliProgress.SingleBar({
    format: '{bar} {text}',
    stream: err,
    hideCursor: true,
    gracefulExit: true,
    fps: 5,
  });
  bar.start(1, 0, { text: 'waiting' });
  return {
    update: (progress) => {
      const { done, total } = shareOf(progress);
      bar.setTotal(Math.max(1, total));
      bar.update(done, { text: textOf(progress) });
    },
    stop: () => bar.stop(),
  };
}

function showLines(err: NodeJS.WriteStream): Display {
  let newest: RunProgressView | null = null;
  const timer = setInterval(() => {
    if (newest !== null) err.write(`${newest.connection}: ${textOf(newest)}\n`);
  }, LINE_EVERY_MS);
  return {
    update: (progress) => (newest = progress),
    stop: () => clearInterval(timer),
  };
}

/** What the bar shows: records where every stream knows how many will come, else streams. */
export function shareOf({ streams }: Pick<RunProgressView, 'streams'>): {
  readonly done: number;
  readonly total: number;
} {
  const totals = streams.map((each) => (hasEnded(each) ? each.landed : each.expected));
  if (totals.some((each) => each === null))
    return { done: streams.filter(hasEnded).length, total: streams.length };
  // An expectation may be too low; the bar never runs over.
  const total = streams.reduce((sum, each, at) => sum + Math.max(each.landed, totals[at] ?? 0), 0);
  return { done: streams.reduce((sum, each) => sum + each.landed, 0), total };
}

/** One line of progress. */
export function textOf({ streams }: Pick<RunProgressView, 'streams'>): string {
  const records = streams.reduce((sum, each) => sum + each.landed, 0);
  const expected = streams.every((each) => each.expected !== null)
    ? ` of about ${streams.reduce((sum, each) => sum + (each.expected ?? 0), 0)}`
    : '';
  const unmapped = streams.reduce((sum, each) => sum + each.unmappedPages, 0);
  const parked = streams.filter((each) => each.status === 'parked');
  const resume = parked.map((each) => each.resumeAt ?? 'when its credentials work').toSorted()[0];
  return [
    `${streams.filter(hasEnded).length} of ${streams.length} streams`,
    `${records}${expected} records`,
    ...(unmapped === 0 ? [] : [`${unmapped} pages to map`]),
    ...(resume === undefined ? [] : [`${parked.length} parked until ${resume}`]),
  ].join(', ');
}

function hasEnded({ status }: Pick<StreamProgressView, 'status'>): boolean {
  return status === 'succeeded' || status === 'failed';
}

/** Pages of a run that are not mapped yet. */
export function unmappedOf(run: RunProgressView): number {
  return run.streams.reduce((sum, stream) => sum + stream.unmappedPages, 0);
}
