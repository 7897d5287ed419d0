import type { Command } from 'commander';
import type { Cli } from './cli.ts';
import { verb, wholeNumber } from './nouns.ts';

interface Settings {
  readonly dailyCalls: number | null;
  readonly reservePercent: number;
  readonly concurrency: number | null;
}

interface Budget extends Settings {
  readonly connection: string;
  readonly usedToday: number;
  readonly readableCalls: number | null;
  readonly resetsAt: string;
  readonly vendor: { readonly used: number; readonly limit: number } | null;
}

interface Options {
  readonly daily?: string;
  readonly reserve?: string;
  readonly concurrency?: string;
}

/** `connections budget`: how much of a system Trueup may use, and has used today. */
export function budgetVerb(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'budget <name>',
    'Show how much of a system Trueup may use and has used today, or change it',
    'trueup connections budget crm --daily 20000 --reserve 10',
  )
    .option('--daily <calls>', 'calls a day (UTC) at most; none: no limit')
    .option('--reserve <percent>', 'what reading leaves of them for closed-won deals')
    .option('--concurrency <calls>', 'calls in flight at most, over all workers; none: no limit');
  command.action(async (name: string) => {
    const options = command.opts<Options>();
    const api = await cli.api(command);
    const path = `/connections/${encodeURIComponent(name)}/budget`;
    const now = await api.get<Budget>(path);
    const wanted = changed(now, options);
    const budget = wanted === null ? now : await api.put<Budget>(path, wanted);
    cli.output(command).show(budget, () => told(budget));
  });
}

/** The settings with what the options change of them; null when they change nothing. */
function changed(now: Settings, options: Options): Settings | null {
  const { daily, reserve, concurrency } = options;
  if (daily === undefined && reserve === undefined && concurrency === undefined) return null;
  return {
    dailyCalls: daily === undefined ? now.dailyCalls : limit(daily, '--daily'),
    reservePercent: reserve === undefined ? now.reservePercent : wholeNumber(reserve, '--reserve'),
    concurrency: concurrency === undefined ? now.concurrency : limit(concurrency, '--concurrency'),
  };
}

function limit(text: string, flag: string): number | null {
  return text === 'none' ? null : wholeNumber(text, flag);
}

function told(budget: Budget): string {
  const { dailyCalls, readableCalls, vendor } = budget;
  return [
    dailyCalls === null
      ? `Calls today   ${budget.usedToday}, no daily limit`
      : `Calls today   ${budget.usedToday} of ${dailyCalls}, whole again at ${budget.resetsAt}`,
    `Reserve       ${budget.reservePercent} % for closed-won deals${readableCalls === null ? '' : `: reading stops at ${readableCalls}`}`,
    `In flight     ${budget.concurrency === null ? 'as the connector allows' : `${budget.concurrency} at most`}`,
    `Their count   ${vendor === null ? 'not told' : `${vendor.used} of ${vendor.limit} in 24 hours, everybody’s calls together`}`,
  ].join('\n');
}
