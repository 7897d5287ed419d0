import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { listVerb, noun, verb } from '../nouns.ts';
import { UsageError } from '../usage-error.ts';

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
  readonly owner: string | null;
  readonly summary: string;
  readonly openedAt: string;
  readonly accepted: {
    readonly by: string;
    readonly reason: string;
    readonly until: string;
  } | null;
}

interface Shown extends Finding {
  readonly proof: readonly {
    readonly noun: string;
    readonly connection: string;
    readonly externalRef: string;
    readonly recordedFrom: string;
  }[];
  readonly remedies: readonly string[];
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
      { title: 'OWNER', value: (row) => row.owner },
      { title: 'STATUS', value: (row) => row.status },
    ],
  });
  show(findings, cli);
  assign(findings, cli);
  decide(findings, cli);
}

/** What a person says of a finding besides who sees to it. */
function decide(findings: Command, cli: Cli): void {
  step(findings, cli, {
    usage: 'start <id>',
    description: 'Begin with it; you see to it where nobody does',
    example: 'trueup findings start fnd_…',
  });
  step(
    findings,
    cli,
    {
      usage: 'accept <id>',
      description: 'Live with it for a reason, until a day within a year',
      example: "trueup findings accept fnd_… --until 2026-06-30 --reason 'Moves with the merger.'",
    },
    (command) => command.opts<{ reason: string; until: string }>(),
  )
    .requiredOption('--reason <text>', 'why; kept with it and in the audit')
    .requiredOption('--until <date>', 'the day from which it is open again');
  step(findings, cli, {
    usage: 'reopen <id>',
    description: 'Open it again after it was begun with or accepted',
    example: 'trueup findings reopen fnd_…',
  });
}

function show(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'show <id>',
    'Show one finding, the records that prove it, and what can be done',
    'trueup findings show fnd_…',
  );
  command.action(async (id: string) => {
    const finding = await (
      await cli.api(command)
    ).get<Shown>(`/findings/${encodeURIComponent(id)}`);
    cli.output(command).show(finding, () => wordsOf(finding).join('\n'));
  });
}

function wordsOf(finding: Shown): readonly string[] {
  const { id, kind, severity, amount, currency, accepted } = finding;
  const seats = finding.remedies.includes('reclaim') && finding.subject.type === 'UserAccount';
  return [
    `${kind} (${severity}), ${stateOf(finding)}, due ${finding.dueAt}, open since ${finding.openedAt}`,
    `  ${finding.summary}`,
    `  At stake: ${amount === null ? 'no money that is known' : `${amount} ${currency ?? ''}`}`,
    `  Owner: ${finding.owner ?? 'nobody'}`,
    ...(accepted === null ? [] : [`  Accepted by ${accepted.by}: ${accepted.reason}`]),
    `  What can be done: ${finding.remedies.join(', ')}`,
    ...(seats ? [`  Take the seat back with: trueup seats reclaim --finding ${id}`] : []),
    'Proof:',
    ...finding.proof.map(
      (each) =>
        `  ${each.noun} ${each.externalRef} of ${each.connection}, known since ${each.recordedFrom}`,
    ),
  ];
}

function stateOf({ status, accepted }: Finding): string {
  return accepted === null ? status.replace('_', ' ') : `accepted until ${accepted.until}`;
}

/** A verb that posts to one finding and says how it stands. */
function step(
  parent: Command,
  cli: Cli,
  {
    usage,
    description,
    example,
  }: { readonly usage: string; readonly description: string; readonly example: string },
  bodyOf: (command: Command) => object | undefined = () => undefined,
): Command {
  const command = verb(parent, usage, description, example);
  return command.action(async (id: string) => {
    const path = `/findings/${encodeURIComponent(id)}:${command.name()}`;
    const finding = await (await cli.api(command)).post<Finding>(path, bodyOf(command));
    cli
      .output(command)
      .show(finding, () => `${id} is ${stateOf(finding)}; owner: ${finding.owner ?? 'nobody'}.`);
  });
}

function assign(parent: Command, cli: Cli): void {
  step(
    parent,
    cli,
    {
      usage: 'assign <id>',
      description: 'Name who sees to it',
      example: 'trueup findings assign fnd_… --person usr_01j…',
    },
    (command) => {
      const { person, nobody } = command.opts<{ person?: string; nobody?: boolean }>();
      if ((person === undefined) === (nobody !== true))
        throw new UsageError('Say --person ID or --nobody.');
      return { person: person ?? null };
    },
  )
    .option('--person <id>', 'who; `trueup users list` shows the ids')
    .option('--nobody', 'take the name back');
}
