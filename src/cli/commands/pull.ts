import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { verb } from '../nouns.ts';
import { reportRun } from '../run-report.ts';
import { waitForRun } from '../wait-for-run.ts';

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
    .option('--full', 'read everything again')
    .option('--prove', 'compare everything by ids and stamps, and read only what differs')
    .option('--wait', 'follow it to its end; so it is unless --no-wait is given')
    .option('--no-wait', 'only start it; follow it with: trueup runs watch');
  command.action(async (connection: string) => {
    const { stream, full, prove, wait } = command.opts<{
      stream?: string[];
      full?: boolean;
      prove?: boolean;
      wait?: boolean;
    }>();
    const api = await cli.api(command);
    const { runId } = await api.post<{ runId: string }>(
      `/connections/${encodeURIComponent(connection)}:pull`,
      {
        ...(stream === undefined ? {} : { streams: stream }),
        full: full === true,
        prove: prove === true,
      },
    );
    const output = cli.output(command);
    if (wait === false) return output.show({ run: runId }, () => runId);
    const run = await waitForRun(api, runId, process.stderr);
    process.exitCode = await reportRun(api, run, output);
  });
}
