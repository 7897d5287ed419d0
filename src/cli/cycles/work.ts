import { setTimeout as delay } from 'node:timers/promises';
import type { Command } from 'commander';
import { endExclusive, isLocalDate } from '../../kernel/dates.ts';
import { RemoteUnavailable } from '../../kernel/errors.ts';
import type { ApiClient } from '../api-client.ts';
import type { Cli } from '../cli.ts';
import { verb } from '../nouns.ts';
import { UsageError } from '../usage-error.ts';
import { cyclePath, scopeText, type Cycle } from './shapes.ts';

const SCOPES = ['publisher', 'product', 'customer', 'legal-entity'] as const;

/** `cycles open`, `compute`, `review`, `sign`, `reopen`: what moves a cycle on. */
export function registerWork(cycles: Command, cli: Cli): void {
  open(cycles, cli);
  compute(cycles, cli);
  review(cycles, cli);
  sign(cycles, cli);
  reopen(cycles, cli);
}

function open(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'open <name>',
    'Open a cycle; the next of its series opens by itself once it is signed and over',
    "trueup cycles open 'Adobe' --frequency quarterly --from 2026-01-01 --publisher Adobe",
  )
    .requiredOption('--frequency <how>', 'monthly, quarterly, half_yearly, yearly or once')
    .requiredOption('--from <date>', 'the first day of its period')
    .option('--until <date>', 'its last day, where it comes once')
    .option('--owner <person>', 'who answers for it; you where absent')
    .option('--publisher <name>', 'only part numbers of this publisher')
    .option('--product <sku>', 'only this part number')
    .option('--customer <ref>', 'only this customer, by its CRM account')
    .option('--legal-entity <ref>', 'only customers of this subsidiary of ours, by its ERP id');
  command.action(async (name: string) => {
    const given = command.opts<Record<string, string | undefined>>();
    const cycle = await (
      await cli.api(command)
    ).post<Cycle>('/reconciliation-cycles', {
      name,
      frequency: given['frequency'],
      from: given['from'],
      to: given['until'] === undefined ? null : dayAfterLast(given['until']),
      owner: given['owner'] ?? null,
      scope: scopeOf(given),
    });
    const { from, to } = cycle.period;
    cli
      .output(command)
      .show(
        cycle,
        () =>
          `Opened ${cycle.id}: ${scopeText(cycle.scope)}, ${from} to before ${to}. Compute it with: trueup cycles compute ${cycle.id}`,
      );
  });
}

function scopeOf(given: Readonly<Record<string, string | undefined>>): object {
  const named = SCOPES.flatMap((kind) => {
    const ref = given[kind === 'legal-entity' ? 'legalEntity' : kind];
    return ref === undefined ? [] : [{ kind: kind.replace('-', '_'), ref }];
  });
  if (named.length > 1) throw new UsageError('A cycle has one scope: name one of them.');
  return named[0] ?? { kind: 'all', ref: null };
}

/** People name the last day, the API the first that no longer counts. Throws UsageError. */
function dayAfterLast(day: string): string {
  if (!isLocalDate(day))
    throw new UsageError(`--until takes a date such as 2026-04-30, not "${day}".`);
  return endExclusive(day);
}

function compute(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'compute <id>',
    'Freeze what is known now and compute the cycle',
    "trueup cycles compute cyc_01j… --accept-gaps 'the HR feed is back on Monday'",
  )
    .option('--as-of <date>', 'a day of its period; its last one, or today, where absent')
    .option('--accept-gaps <reason>', 'why streams are taken that are stale or not proven')
    .option('--no-wait', 'do not wait for the figures');
  command.action(async (id: string) => {
    const api = await cli.api(command);
    const given = command.opts<{ asOf?: string; acceptGaps?: string; wait: boolean }>();
    const asked = await api.post<Cycle>(`${cyclePath(id)}:compute`, {
      asOf: given.asOf ?? null,
      acceptGaps: given.acceptGaps ?? null,
    });
    const cycle = given.wait ? await waitFor(api, asked) : asked;
    cli.output(command).show(cycle, () => computedText(cycle));
  });
}

function computedText({ id, now }: Cycle): string {
  const run = `${now?.runId} of ${now?.asOf}, as known at ${now?.knownAt}`;
  return now?.computedAt === null
    ? `${id} waits for ${run}. Look with: trueup cycles show ${id}`
    : `${id} is computed: ${run}. See what did not agree with: trueup cycles show ${id}`;
}

const PATIENCE_S = 600;

/** Waits until the run is there. Throws RemoteUnavailable when it does not come within 10 minutes. */
async function waitFor(api: ApiClient, { id }: Cycle): Promise<Cycle> {
  const ends = Date.now() + PATIENCE_S * 1000;
  while (Date.now() < ends) {
    const cycle = await api.get<Cycle>(cyclePath(id));
    if (cycle.now?.computedAt !== null) return cycle;
    await delay(200);
  }
  throw new RemoteUnavailable(
    `The figures of ${id} did not come within ${PATIENCE_S} s. See what waits with: trueup status`,
  );
}

const collect = (value: string, before: readonly string[] | undefined): readonly string[] => [
  ...(before ?? []),
  value,
];

function review(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'review <id>',
    'Decide about what did not agree: noted or accepted with a reason, or remediated with proof',
    "trueup cycles review cyc_01j… --subject finding:fnd_… --accepted --reason 'leaves in May'",
  )
    .option('--subject <subject>', 'a variance as "cycles show" names it; repeatable', collect)
    .option('--rest', 'all that nobody decided about yet')
    .option('--kind <kind>', 'with --rest: only of this kind')
    .option('--noted', 'it is seen, and stays open')
    .option('--accepted', 'it is lived with')
    .option('--remediated', 'it is mended: a task about it is done')
    .option('--reason <text>', 'why');
  command.action(async (id: string) => {
    const given = command.opts<{
      subject?: string[];
      rest?: boolean;
      kind?: string;
      noted?: boolean;
      accepted?: boolean;
      remediated?: boolean;
      reason?: string;
    }>();
    const decisions = (['noted', 'accepted', 'remediated'] as const).filter((each) => given[each]);
    const [decision] = decisions;
    if (decision === undefined || decisions.length > 1)
      throw new UsageError('Say one of --noted, --accepted and --remediated.');
    const path = `${cyclePath(id)}:review`;
    const done = await (
      await cli.api(command)
    ).post<{ subjects: readonly string[] }>(path, {
      subjects: given.subject ?? [],
      rest: given.rest === true ? { kind: given.kind ?? null } : null,
      decision,
      reason: given.reason ?? null,
    });
    cli.output(command).show(done, () => `${done.subjects.length} variances are ${decision}.`);
  });
}

function sign(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'sign <id>',
    'Sign the statement of a cycle; read it first with "cycles statement"',
    'trueup cycles sign cyc_01j… --role finance --statement 5f2c…',
  )
    .requiredOption('--role <role>', 'the role that you sign for')
    .requiredOption('--statement <hash>', 'the hash of the statement that you read');
  command.action(async (id: string) => {
    const { role, statement } = command.opts<{ role: string; statement: string }>();
    const cycle = await (
      await cli.api(command)
    ).post<Cycle>(`${cyclePath(id)}:sign`, { role, statementHash: statement });
    cli
      .output(command)
      .show(cycle, () =>
        cycle.status === 'signed_off'
          ? `${id} is signed off.`
          : `You signed ${id} as ${role}. Others still have to.`,
      );
  });
}

function reopen(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'reopen <id>',
    'Open a cycle again; what was signed stays, and new figures are a new round',
    "trueup cycles reopen cyc_01j… --reason 'an order came late'",
  ).requiredOption('--reason <text>', 'why');
  command.action(async (id: string) => {
    const { reason } = command.opts<{ reason: string }>();
    const cycle = await (await cli.api(command)).post<Cycle>(`${cyclePath(id)}:reopen`, { reason });
    cli
      .output(command)
      .show(cycle, () => `${id} is open again. Compute it with: trueup cycles compute ${id}`);
  });
}
