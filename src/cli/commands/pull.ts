import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { EXIT } from '../exit-code.ts';
import { verb } from '../nouns.ts';
import { tableText } from '../output.ts';
import { waitForRun, type RunStreamView, type RunView } from '../wait-for-run.ts';

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
      (value: string, before: readonly string[]) => [...before, value],
      [],
    )
    .option('--full', 'read everything again');
  command.action(async (connection: string) => {
    const { stream, full } = command.opts<{ stream: string[]; full?: boolean }>();
    const api = await cli.api(command);
    const { runId } = await api.post<{ runId: string }>(
      `/connections/${encodeURIComponent(connection)}:pull`,
      {
        ...(stream.length === 0 ? {} : { streams: stream }),
        full: full === true,
      },
    );
    const run = await waitForRun(api, runId, process.stderr);
    const report = { run: run.id, streams: run.streams.map(reportOf) };
    cli.output(command).show(report, () => tableText(report.streams, COLUMNS));
    for (const each of run.streams)
      if (each.error !== null) cli.output(command).message(`${each.stream}: ${each.error.message}`);
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

function exitOfRun(run: RunView): number {
  if (run.status === 'succeeded') return EXIT.ok;
  return run.streams.some((stream) => stream.error !== null && REMOTE.has(stream.error.code))
    ? EXIT.remote
    : EXIT.failed;
}
