import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { verb } from '../nouns.ts';
import { pathOf, termsText, versionPath, type RuleVersion, type Term } from './shapes.ts';

/** `rules approve`, `decline`, `activate` and `rollback`. */
export function registerDecide(parent: Command, cli: Cli): void {
  approve(parent, cli);
  decline(parent, cli);
  activate(parent, cli);
  rollBack(parent, cli);
}

interface Terms {
  readonly ruleSet: string;
  readonly terms: readonly Term[];
}

function approve(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'approve <set> <version>',
    'Approve a version that others wrote, over the shadow run that you looked at',
    'trueup rules approve oracle 1.1.0 --shadow rsh_01j…',
  )
    .requiredOption('--shadow <id>', 'the shadow run: trueup rules show SET VERSION')
    .option('--reason <text>', 'why');
  command.action(async (id: string, version: string) => {
    const { shadow, reason = null } = command.opts<{ shadow: string; reason?: string }>();
    const path = versionPath(id, version, ':approve');
    const row = await (await cli.api(command)).post<RuleVersion>(path, { shadow, reason });
    cli
      .output(command)
      .show(row, () => `Version ${row.version} of ${id} is approved. It comes into force with: trueup rules activate ${id} ${row.version}`); // prettier-ignore
  });
}

function decline(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'decline <set> <version>',
    'Send a version back to those who work on it',
    "trueup rules decline oracle 1.1.0 --reason 'the contract says total'",
  ).requiredOption('--reason <text>', 'why');
  command.action(async (id: string, version: string) => {
    const { reason } = command.opts<{ reason: string }>();
    const path = versionPath(id, version, ':decline');
    const row = await (await cli.api(command)).post<RuleVersion>(path, { reason });
    cli.output(command).show(row, () => `Version ${row.version} of ${id} is a draft again.`);
  });
}

function activate(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'activate <set> <version>',
    'Put an approved version in force',
    'trueup rules activate oracle 1.1.0 --from 2026-04-01',
  )
    .option('--from <date>', 'the first day that counts by it; today unless one is named')
    .option('--reason <text>', 'why');
  command.action(async (id: string, version: string) => {
    const { from = null, reason = null } = command.opts<{ from?: string; reason?: string }>();
    const path = versionPath(id, version, ':activate');
    const row = await (await cli.api(command)).post<Terms>(path, { from, reason });
    cli.output(command).show(row, () => termsText(row.terms));
  });
}

function rollBack(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'rollback <set>',
    'Take the newest version back: the one before it holds again from today on, or none',
    "trueup rules rollback oracle --reason 'read the wrong annex'",
  )
    .requiredOption('--reason <text>', 'why')
    .option('--to <version>', 'an earlier version instead of the one before');
  command.action(async (id: string) => {
    const { to = null, reason } = command.opts<{ to?: string; reason: string }>();
    const path = pathOf(id, ':roll-back');
    const row = await (await cli.api(command)).post<Terms>(path, { to, reason });
    cli.output(command).show(row, () => termsText(row.terms));
  });
}
