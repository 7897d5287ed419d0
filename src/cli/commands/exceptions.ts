import type { Command } from 'commander';
import { endExclusive, isLocalDate } from '../../kernel/dates.ts';
import type { Cli } from '../cli.ts';
import { listVerb, noun, verb } from '../nouns.ts';
import { tableText } from '../output.ts';
import { UsageError } from '../usage-error.ts';

interface Exception {
  readonly id: string;
  readonly kind: string;
  readonly status: string;
  readonly owner: string;
  readonly sku: string | null;
  readonly subjects: readonly string[];
  readonly quantityCap: string | null;
  readonly rationale: string;
  readonly fallbackControl: string | null;
  readonly validFrom: string;
  readonly validTo: string;
  readonly effectiveFrom: string | null;
  readonly requestedBy: string;
  readonly decidedBy: string | null;
}

interface Effect {
  readonly lineId: string;
  readonly skuCode: string;
  readonly subjects: number;
  readonly quantity: string;
  readonly required: string;
  readonly requiredAfter: string;
  readonly shortfallAfter: string;
}

interface ShownException extends Exception {
  readonly effect: { readonly basis: 'preview' | 'run'; readonly lines: readonly Effect[] };
}

/** `exceptions`: deviations with an end that need no rights while they last. */
export function register(program: Command, cli: Cli): void {
  const exceptions = noun(
    program,
    'exceptions',
    'Approved deviations with an end: trials, pilots, tests, migrations, disputes',
    'trueup exceptions list --status requested',
  );
  listVerb<Exception>(cli, exceptions, {
    path: '/exceptions',
    description: 'List exceptions, newest first',
    example: 'trueup exceptions list --status approved',
    empty: 'There are no exceptions.',
    filters: [
      {
        flags: '--status <status>',
        description: 'requested, approved, declined, ended or expired',
        query: 'status',
      },
      { flags: '--sku <code>', description: 'of this part number', query: 'sku' },
    ],
    columns: [
      { title: 'ID', value: (row) => row.id },
      { title: 'KIND', value: (row) => row.kind },
      { title: 'SKU', value: (row) => row.sku ?? 'any' },
      { title: 'FOR', value: subjectsText },
      { title: 'FROM', value: (row) => row.effectiveFrom ?? row.validFrom },
      { title: 'ENDS BEFORE', value: (row) => row.validTo },
      { title: 'STATUS', value: (row) => row.status },
    ],
  });
  show(exceptions, cli);
  request(exceptions, cli);
  decide(exceptions, cli, {
    usage: 'approve <id>',
    description: 'Approve an exception that somebody else asked for',
    example: 'trueup exceptions approve exc_01j…',
    needsReason: false,
  });
  decide(exceptions, cli, {
    usage: 'decline <id>',
    description: 'Decline an exception that somebody else asked for',
    example: "trueup exceptions decline exc_01j… --reason 'buy them'",
    needsReason: true,
  });
  decide(exceptions, cli, {
    usage: 'end <id>',
    description: 'End an exception from today on, or take a request back',
    example: "trueup exceptions end exc_01j… --reason 'the trial is over'",
    needsReason: true,
  });
}

function subjectsText({ subjects, quantityCap }: Exception): string {
  const who = subjects.length === 0 ? 'all' : `${subjects.length} named`;
  return quantityCap === null ? who : `${who}, ${quantityCap} at most`;
}

function show(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'show <id>',
    'Show an exception, with what it does to positions or would do',
    'trueup exceptions show exc_01j…',
  );
  command.action(async (id: string) => {
    const path = `/exceptions/${encodeURIComponent(id)}`;
    const row = await (await cli.api(command)).get<ShownException>(path);
    cli.output(command).show(row, () => exceptionText(row));
  });
}

function exceptionText(row: ShownException): string {
  const { effect } = row;
  const head = [
    `${row.id} (${row.kind}) is ${row.status}: ${row.sku ?? 'any product'} of ${row.owner}, ${subjectsText(row)}.`,
    `From ${row.effectiveFrom ?? row.validFrom}, ends before ${row.validTo}. Asked for by ${row.requestedBy}${row.decidedBy === null ? '' : `, decided by ${row.decidedBy}`}.`,
    `Why: ${row.rationale}`,
    ...(row.fallbackControl === null ? [] : [`Until then: ${row.fallbackControl}`]),
    ...(row.subjects.length === 0 ? [] : [`Named: ${row.subjects.join(', ')}`]),
  ];
  if (effect.lines.length === 0)
    return [
      ...head,
      effect.basis === 'preview'
        ? 'If it were approved today, it would take nothing out of any position.'
        : 'In the latest reconciliation it took nothing out of any position.',
    ].join('\n');
  const table = tableText(effect.lines, [
    { title: 'LINE', value: (line) => line.lineId },
    { title: 'SKU', value: (line) => line.skuCode },
    { title: 'TAKES OUT', value: (line) => line.subjects },
    { title: 'RIGHTS LESS', value: (line) => line.quantity },
    { title: 'REQUIRED', value: (line) => line.required },
    { title: 'ONCE IT ENDS', value: (line) => line.requiredAfter },
    { title: 'THEN SHORT', value: (line) => line.shortfallAfter },
  ]);
  const basis =
    effect.basis === 'preview'
      ? 'What it would do if it were approved today:'
      : 'In the latest reconciliation:';
  return [...head, basis, table].join('\n');
}

const collect = (value: string, before: readonly string[] | undefined): readonly string[] => [
  ...(before ?? []),
  value,
];

function request(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'request',
    'Ask for an exception; somebody else has to approve it',
    "trueup exceptions request --kind trial --sku CRM-PRO --subject okta/00u1 --from 2026-03-02 --until 2026-04-30 --why 'ten people try it'",
  )
    .requiredOption('--kind <kind>', 'trial, pilot, dr_test, migration_overlap or dispute')
    .requiredOption('--from <date>', 'its first day')
    .requiredOption('--until <date>', 'its last day')
    .requiredOption('--why <text>', 'why it is needed')
    .option('--sku <code>', 'the part number')
    .option(
      '--subject <id>',
      'a person or machine as a position shows it, or a login or machine as connection/reference; may be given again',
      collect,
    )
    .option('--at-most <rights>', 'the most rights that it stands for')
    .option('--owner <ref>', 'the customer’s CRM account; our own people where absent')
    .option('--fallback <text>', 'what keeps use in check meanwhile, and when it ends');
  command.action(async () => {
    const given = command.opts<{
      kind: string;
      from: string;
      until: string;
      why: string;
      sku?: string;
      subject?: string[];
      atMost?: string;
      owner?: string;
      fallback?: string;
    }>();
    const row = await (
      await cli.api(command)
    ).post<Exception>('/exceptions', {
      kind: given.kind,
      sku: given.sku ?? null,
      subjects: given.subject ?? [],
      quantityCap: given.atMost ?? null,
      rationale: given.why,
      fallbackControl: given.fallback ?? null,
      validFrom: given.from,
      validTo: dayAfterLast(given.until),
      ...(given.owner === undefined ? {} : { owner: given.owner }),
    });
    cli
      .output(command)
      .show(
        row,
        () =>
          `Asked for ${row.id}. Somebody else decides; look at what it would do with: trueup exceptions show ${row.id}`,
      );
  });
}

/** People name the last day, the API the first that no longer counts. Throws UsageError. */
function dayAfterLast(day: string): string {
  if (!isLocalDate(day))
    throw new UsageError(`--until takes a date such as 2026-04-30, not "${day}".`);
  return endExclusive(day);
}

function decide(
  parent: Command,
  cli: Cli,
  what: {
    readonly usage: `${'approve' | 'decline' | 'end'} <id>`;
    readonly description: string;
    readonly example: string;
    readonly needsReason: boolean;
  },
): void {
  const command = verb(parent, what.usage, what.description, what.example);
  if (what.needsReason) command.requiredOption('--reason <text>', 'why');
  else command.option('--reason <text>', 'why');
  const [action] = what.usage.split(' ');
  command.action(async (id: string) => {
    const { reason = null } = command.opts<{ reason?: string }>();
    const path = `/exceptions/${encodeURIComponent(id)}:${action}`;
    const row = await (await cli.api(command)).post<Exception>(path, { reason });
    cli.output(command).show(row, () => `${row.id} is ${row.status}.`);
  });
}
