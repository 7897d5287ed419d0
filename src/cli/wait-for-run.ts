import { setTimeout as delay } from 'node:timers/promises';
import cliProgress from 'cli-progress';
import type { ApiClient } from './api-client.ts';

/** One stream of a run as the API shows it. */
export interface RunStreamView {
  readonly stream: string;
  readonly status: 'waiting' | 'reading' | 'read' | 'succeeded' | 'failed';
  readonly pages: number;
  readonly landed: number;
  readonly created: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly superseded: number;
  readonly rejected: number;
  readonly quarantined: number;
  readonly unmappedPages: number;
  readonly certificate: {
    readonly sourceCount: number | null;
    readonly closed: boolean | null;
    readonly missingIds: readonly string[];
  } | null;
  readonly error: { readonly code: string; readonly message: string } | null;
}

export interface RunView {
  readonly id: string;
  readonly connection: string;
  readonly status: 'running' | 'succeeded' | 'failed';
  readonly streams: readonly RunStreamView[];
}

const LINE_EVERY_MS = 10_000;
const POLL_MS = 100;
/** Mapping that stands still for so long does not end by waiting. */
const MAPPING_STALLS_MS = 60_000;

/** Follows a run to its end: a bar on a terminal, else a line every 10 seconds, on stderr. */
export async function waitForRun(
  api: ApiClient,
  runId: string,
  err: NodeJS.WriteStream,
): Promise<RunView> {
  const bar = err.isTTY
    ? new cliProgress.SingleBar({
        format: '{bar} {value}/{total} streams, {records} records',
        stream: err,
        hideCursor: true,
      })
    : null;
  let nextLine = Date.now() + LINE_EVERY_MS;
  let run = await api.get<RunView>(`/runs/${runId}`);
  bar?.start(run.streams.length, 0, { records: 0 });
  while (run.status === 'running') {
    await delay(POLL_MS);
    run = await api.get<RunView>(`/runs/${runId}`);
    const ended = run.streams.filter(
      (stream) => stream.status === 'succeeded' || stream.status === 'failed',
    ).length;
    const records = run.streams.reduce((sum, stream) => sum + stream.landed, 0);
    bar?.update(ended, { records });
    if (bar === null && Date.now() >= nextLine) {
      err.write(
        `${run.connection}: ${ended} of ${run.streams.length} streams, ${records} records\n`,
      );
      nextLine = Date.now() + LINE_EVERY_MS;
    }
  }
  bar?.stop();
  return run;
}

/**
 * Waits until everything that a run landed is mapped, or mapping makes no more progress. Returns the run, with the
 * pages that are still unmapped.
 */
export async function waitForMapping(api: ApiClient, ended: RunView): Promise<RunView> {
  let run = ended;
  let left = unmappedOf(run);
  let since = Date.now();
  while (left > 0 && Date.now() - since < MAPPING_STALLS_MS) {
    await delay(POLL_MS);
    run = await api.get<RunView>(`/runs/${run.id}`);
    const now = unmappedOf(run);
    if (now !== left) since = Date.now();
    left = now;
  }
  return run;
}

/** Pages of a run that are not mapped yet. */
export function unmappedOf(run: RunView): number {
  return run.streams.reduce((sum, stream) => sum + stream.unmappedPages, 0);
}
