import type { ApiClient } from './api-client.ts';
import type { Output } from './output.ts';
import { EXIT } from './exit-code.ts';
import { tableText } from './output.ts';
import { unmappedOf, type RunStreamView, type RunView } from './wait-for-run.ts';

/** Failures of the other system, as against a read that did not add up. */
const REMOTE = new Set([
  'remote_unavailable',
  'rate_limited',
  'auth_expired',
  'remote_rejected',
  'remote_conflict',
]);

/** Shows what came of a run on stdout, and on stderr what the figures do not say. Returns the exit code. */
export async function reportRun(api: ApiClient, run: RunView, output: Output): Promise<number> {
  const report = { run: run.id, status: run.status, streams: run.streams.map(reportOf) };
  output.show(report, () => tableText(report.streams, COLUMNS));
  for (const each of run.streams)
    if (each.error !== null) output.message(`${each.stream}: ${each.error.message}`);
  for (const each of run.streams)
    for (const caveat of each.certificate?.caveats ?? [])
      output.message(`${each.stream}: ${caveat}`);
  for (const each of await remarksOn(api, run)) output.message(each);
  return exitOfRun(run);
}

function reportOf(stream: RunStreamView) {
  return {
    stream: stream.stream,
    sourceCount: stream.certificate?.sourceCount ?? null,
    landed: stream.landed,
    created: stream.created,
    updated: stream.updated,
    unchanged: stream.unchanged,
    superseded: stream.superseded,
    rejected: stream.rejected,
    quarantined: stream.quarantined,
    closed: stream.certificate?.closed ?? (stream.status === 'failed' ? false : null),
  };
}

const COLUMNS = (
  [
    'stream',
    'sourceCount',
    'landed',
    'created',
    'updated',
    'unchanged',
    'superseded',
    'rejected',
    'quarantined',
    'closed',
  ] as const
).map((name) => ({
  title: name.toUpperCase(),
  value: (row: ReturnType<typeof reportOf>) => row[name],
}));

/** More than these are not counted: the list of errors has them all. */
const COUNTED_AT_MOST = 1_000;

/** What the figures of the read itself do not say: records that did not map, and pages that wait to be mapped. */
async function remarksOn(api: ApiClient, run: RunView): Promise<readonly string[]> {
  const open = await api.list<{ readonly stage: string }>(
    '/errors',
    { run: run.id, status: 'open' },
    COUNTED_AT_MOST,
  );
  const unmapped = unmappedOf(run);
  const count = open.length < COUNTED_AT_MOST ? `${open.length}` : `${COUNTED_AT_MOST} or more`;
  return [
    ...(open.length === 0
      ? []
      : [`${count} ${open.length === 1 ? 'record waits' : 'records wait'}: trueup errors list`]),
    ...(run.status === 'parked'
      ? [`The run is parked and goes on by itself: trueup runs watch ${run.id}`]
      : []),
    ...(unmapped === 0 ? [] : [`${unmapped} pages are not mapped yet: trueup status`]),
  ];
}

/**
 * A read that did not add up, or that nothing can prove, outweighs everything; then it counts whether some streams came through. Exit 8 says that
 * nothing came and the other system is why, or that what is left waits for it.
 */
export function exitOfRun(run: Pick<RunView, 'status' | 'streams'>): number {
  const isProven = ({ certificate }: RunStreamView): boolean => certificate?.closed ?? certificate === null; // prettier-ignore
  if (!run.streams.every(isProven)) return EXIT.failed;
  const failed = run.streams.filter((stream) => stream.status === 'failed');
  if (run.status === 'parked')
    return run.streams.some((stream) => stream.status === 'succeeded') ? EXIT.partial : EXIT.remote;
  if (failed.length === 0) return run.status === 'succeeded' ? EXIT.ok : EXIT.failed;
  if (failed.length < run.streams.length) return EXIT.partial;
  return failed.every((stream) => REMOTE.has(stream.error?.code ?? '')) ? EXIT.remote : EXIT.failed;
}
