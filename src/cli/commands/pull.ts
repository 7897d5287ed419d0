import type { Command } from 'commander';
import type { ApiClient } from '../api-client.ts';
import type { Cli } from '../cli.ts';
import { EXIT } from '../exit-code.ts';
import { verb } from '../nouns.ts';
import { tableText } from '../output.ts';
import {
  unmappedOf,
  waitForMapping,
  waitForRun,
  type RunStreamView,
  type RunView,
} from '../wait-for-run.ts';

/** Failures of the other system, as against a read that did not add up. */
const REMOTE = new Set([
  'remote_unavailable',
  'rate_limited',
  'auth_expired',
  'remote_rejected',
  'remote_conflict',
]);

/** `pull`: read a system now, with proof that nothing is missing. */
export function register(program: Command, cli: Cli): void {
  const command = verb(
    program,
    'pull <connection>',
    'Read a system now, and prove that nothing is missing',
    'trueup pull crm',
  )
    .option(
      '--stream <stream>',
      'only this stream; may be given again',
      (value: string, before: readonly string[] | undefined) => [...(before ?? []), value],
    )
    .option('--full', 'read everything again');
  command.action(async (connection: string) => {
    const { stream, full } = command.opts<{ stream?: string[]; full?: boolean }>();
    const api = await cli.api(command);
    const { runId } = await api.post<{ runId: string }>(
      `/connections/${encodeURIComponent(connection)}:pull`,
      {
        ...(stream === undefined ? {} : { streams: stream }),
        full: full === true,
      },
    );
    const run = await waitForMapping(api, await waitForRun(api, runId, process.stderr));
    const report = { run: run.id, streams: run.streams.map(reportOf) };
    cli.output(command).show(report, () => tableText(report.streams, COLUMNS));
    for (const each of run.streams)
      if (each.error !== null) cli.output(command).message(`${each.stream}: ${each.error.message}`);
    for (const each of await remarksOn(api, run)) cli.output(command).message(each);
    process.exitCode = exitOfRun(run);
  });
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
    ...(unmapped === 0 ? [] : [`${unmapped} pages are not mapped yet: trueup status`]),
  ];
}

/**
 * A read that did not add up outweighs everything; then it counts whether some streams came through. Exit 8 says that
 * nothing came and the other system is why.
 */
export function exitOfRun(run: Pick<RunView, 'status' | 'streams'>): number {
  if (run.streams.some((stream) => stream.certificate?.closed === false)) return EXIT.failed;
  const failed = run.streams.filter((stream) => stream.status === 'failed');
  if (failed.length === 0) return run.status === 'succeeded' ? EXIT.ok : EXIT.failed;
  if (failed.length < run.streams.length) return EXIT.partial;
  return failed.every((stream) => REMOTE.has(stream.error?.code ?? '')) ? EXIT.remote : EXIT.failed;
}
