import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { EXIT } from '../exit-code.ts';
import { listVerb, noun, verb } from '../nouns.ts';

interface AuditEvent {
  readonly id: string;
  readonly at: string;
  readonly actor: string;
  readonly action: string;
  readonly subjectType: string;
  readonly subjectId: string;
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
      { title: 'SUBJECT', value: (row) => `${row.subjectType} ${row.subjectId}` },
    ],
  });
  const verify = verb(
    audit,
    'verify',
    'Check the whole audit against its hashes and signed heads; exit 9 if it was touched',
    'trueup audit verify',
  );
  verify.action(async () => {
    const result = await (await cli.api(verify)).post<Verification>('/audit-events:verify');
    cli.output(verify).show(result, () => told(result));
    if (!result.ok) process.exitCode = EXIT.different;
  });
}

interface Verification {
  readonly ok: boolean;
  readonly sealed: number;
  readonly unsealed: number;
  readonly firstBad: {
    readonly seq: number;
    readonly eventId: string;
    readonly reason: string;
  } | null;
}

function told(result: Verification): string {
  const counts = `${result.sealed} events are sealed, ${result.unsealed} wait for the sealer.`;
  if (result.firstBad === null)
    return `${result.ok ? 'Nothing was touched.' : 'The audit is not sound.'} ${counts}`;
  const { seq, eventId, reason } = result.firstBad;
  return `The first bad event is number ${seq} (${eventId}): ${reason}. ${counts}`;
}
