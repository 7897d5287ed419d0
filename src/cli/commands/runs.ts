import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { listVerb, noun, showVerb, verb } from '../nouns.ts';
import { reportRun } from '../run-report.ts';
import { waitForRun, type RunView } from '../wait-for-run.ts';

/** `runs`: what was read, when, and whether it is proven complete. */
export function register(program: Command, cli: Cli): void {
  const runs = noun(
    program,
    'runs',
    'What was read, and the proof that it is complete',
    'trueup runs list',
  );
  listVerb<RunView & { readonly trigger: string; readonly startedAt: string }>(cli, runs, {
    path: '/runs',
    description: 'List runs, newest first',
    example: 'trueup runs list --connection crm',
    empty: 'Nothing was pulled yet. Start with: trueup pull <connection>',
    filters: [
      { flags: '--connection <name>', description: 'only of this connection', query: 'connection' },
    ],
    columns: [
      { title: 'ID', value: (row) => row.id },
      { title: 'CONNECTION', value: (row) => row.connection },
      { title: 'TRIGGER', value: (row) => row.trigger },
      { title: 'STARTED', value: (row) => row.startedAt },
      { title: 'STATUS', value: (row) => row.status },
      {
        title: 'RECORDS',
        value: (row) => row.streams.reduce((sum, stream) => sum + stream.landed, 0),
      },
      {
        title: 'CLOSED',
        value: (row) =>
          `${row.streams.filter((stream) => stream.certificate?.closed === true).length}/${row.streams.length}`,
      },
    ],
  });
  showVerb(cli, runs, {
    path: (id) => `/runs/${id}`,
    description: 'Show one run with its certificates',
    example: 'trueup runs show run_01j…',
  });
  const watch = verb(
    runs,
    'watch <id>',
    'Follow a run to its end, also while it is parked',
    'trueup runs watch run_01j…',
  );
  watch.action(async (id: string) => {
    const api = await cli.api(watch);
    const run = await waitForRun(api, id, process.stderr, { throughParks: true });
    process.exitCode = await reportRun(api, run, cli.output(watch));
  });
}
