import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { listVerb, noun, showVerb } from '../nouns.ts';
import type { RunView } from '../wait-for-run.ts';

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
}
