import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { listVerb, noun } from '../nouns.ts';

interface AuditEvent {
  readonly id: string;
  readonly at: string;
  readonly actor: string;
  readonly action: string;
  readonly subject: { readonly type: string; readonly id: string };
}

/** `audit`: who did what. */
export function register(program: Command, cli: Cli): void {
  const audit = noun(program, 'audit', 'Who did what, and when', 'trueup audit list');
  listVerb<AuditEvent>(cli, audit, {
    path: '/audit-events',
    description: 'List audit events, newest first',
    example: 'trueup audit list --limit 20',
    empty: 'Nothing has happened yet.',
    columns: [
      { title: 'AT', value: (row) => row.at },
      { title: 'WHO', value: (row) => row.actor },
      { title: 'WHAT', value: (row) => row.action },
      { title: 'SUBJECT', value: (row) => `${row.subject.type} ${row.subject.id}` },
    ],
  });
}
