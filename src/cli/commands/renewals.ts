import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { listVerb, noun } from '../nouns.ts';

interface Renewal {
  readonly externalRef: string;
  readonly ownerRef: string;
  readonly renewalFrom: string;
  readonly noticeDeadline: string;
  readonly total: string;
  readonly currency: string;
  readonly status: string;
}

/** `renewals`: what ends, when notice is due, and what it is worth. */
export function register(program: Command, cli: Cli): void {
  const renewals = noun(
    program,
    'renewals',
    'What ends, when notice is due, and what it is worth',
    'trueup renewals list --within-days 90',
  );
  listVerb<Renewal>(cli, renewals, {
    path: '/renewals',
    description: 'List open renewals by their notice deadline',
    example: 'trueup renewals list --within-days 30',
    empty: 'No renewals are open.',
    filters: [
      {
        flags: '--within-days <n>',
        description: 'only those that start within so many days',
        query: 'withinDays',
      },
    ],
    columns: [
      { title: 'CUSTOMER', value: (row) => row.ownerRef },
      { title: 'STARTS', value: (row) => row.renewalFrom },
      { title: 'NOTICE BY', value: (row) => row.noticeDeadline },
      { title: 'TOTAL', value: (row) => `${row.total} ${row.currency}` },
      { title: 'STATUS', value: (row) => row.status },
    ],
  });
}
