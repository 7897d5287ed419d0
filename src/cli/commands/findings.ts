import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { listVerb, noun } from '../nouns.ts';

interface Finding {
  readonly id: string;
  readonly kind: string;
  readonly severity: string;
  readonly subject: { readonly type: string; readonly id: string };
  readonly sku: string | null;
  readonly amount: string | null;
  readonly currency: string | null;
  readonly dueAt: string;
  readonly status: string;
}

/** `findings`: what does not agree between the systems. */
export function register(program: Command, cli: Cli): void {
  const findings = noun(
    program,
    'findings',
    'What does not agree between the systems',
    'trueup findings list --kind orphaned_seat',
  );
  listVerb<Finding>(cli, findings, {
    path: '/findings',
    description: 'List findings',
    example: 'trueup findings list --kind orphaned_seat --json',
    empty: 'No findings. Reconcile with: trueup recon run',
    filters: [
      { flags: '--kind <kind>', description: 'only of this kind', query: 'kind' },
      { flags: '--subject <id>', description: 'only about this record', query: 'subject' },
      {
        flags: '--status <status>',
        description: 'open, in_progress, accepted, resolved or any',
        query: 'status',
      },
    ],
    columns: [
      { title: 'ID', value: (row) => row.id },
      { title: 'KIND', value: (row) => row.kind },
      { title: 'SEVERITY', value: (row) => row.severity },
      { title: 'SUBJECT', value: (row) => `${row.subject.type} ${row.subject.id}` },
      { title: 'SKU', value: (row) => row.sku },
      {
        title: 'AMOUNT',
        value: (row) => (row.amount === null ? null : `${row.amount} ${row.currency ?? ''}`),
      },
      { title: 'DUE', value: (row) => row.dueAt },
      { title: 'STATUS', value: (row) => row.status },
    ],
  });
}
