import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { listVerb, noun, showVerb, verb } from '../nouns.ts';

interface ErrorRow {
  readonly id: string;
  readonly stage: string;
  readonly connection: string;
  readonly stream: string;
  readonly recordId: string;
  readonly code: string;
  readonly reason: string;
  readonly status: string;
}

interface Retried {
  readonly records: number;
  readonly intents: number;
  readonly work: number;
}

/** `errors`: records that wait for a person, each with its reason. */
export function register(program: Command, cli: Cli): void {
  const errors = noun(program, 'errors', 'Records that wait for a person', 'trueup errors list');
  listVerb<ErrorRow>(cli, errors, {
    path: '/errors',
    description: 'List records that wait, newest first',
    example: 'trueup errors list --status open',
    empty: 'Nothing waits for you.',
    filters: [
      { flags: '--status <status>', description: 'open, resolved or ignored', query: 'status' },
    ],
    columns: [
      { title: 'ID', value: (row) => row.id },
      { title: 'STAGE', value: (row) => row.stage },
      { title: 'RECORD', value: (row) => `${row.connection} ${row.stream} ${row.recordId}` },
      { title: 'CODE', value: (row) => row.code },
      { title: 'STATUS', value: (row) => row.status },
      { title: 'REASON', value: (row) => row.reason },
    ],
  });
  showVerb(cli, errors, {
    path: (id) => `/errors/${id}`,
    description: 'Show one record that waits',
    example: 'trueup errors show err_01j…',
  });
  const retry = verb(
    errors,
    'retry [id]',
    'Try one record again, or all of them, all refused writes and all stuck work',
    'trueup errors retry',
  );
  retry.action(async (id: string | undefined) => {
    const path = id === undefined ? '/errors:retry' : `/errors/${encodeURIComponent(id)}:retry`;
    const retried = await (await cli.api(retry)).post<Retried>(path);
    cli
      .output(retry)
      .show(
        retried,
        () =>
          `${retried.records} records, ${retried.intents} writes and ${retried.work} pieces of work are tried again.`,
      );
  });
}
