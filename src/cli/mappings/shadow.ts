import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { EXIT } from '../exit-code.ts';
import { verb, wholeNumber } from '../nouns.ts';
import { tableText } from '../output.ts';
import { textOf } from './preview.ts';

interface ShadowRun {
  readonly id: string;
  readonly object: string;
  readonly connection: string;
  readonly state: string;
  readonly wanted: number;
  readonly lookedAt: number;
  readonly counts: Readonly<Record<string, number>>;
  readonly fields: Readonly<Record<string, number>>;
  readonly differing: number;
}

interface Difference {
  readonly recordId: string;
  readonly outcome: string;
  readonly error: { readonly message: string } | null;
  readonly items: readonly {
    readonly noun: string;
    readonly fields: readonly {
      readonly field: string;
      readonly draft: unknown;
      readonly live: unknown;
      readonly present: unknown;
    }[];
  }[];
}

interface Moves {
  readonly total: number;
}

interface Impact {
  readonly object: string;
  readonly records: number;
  readonly customers: Moves & {
    readonly first: readonly { readonly ref: string; readonly name: string | null }[];
  };
  readonly documents: Moves;
  readonly serviceDates: Moves;
  readonly entitlements: Moves;
  readonly renewals: Moves & {
    readonly forecast: { readonly before: readonly Sum[]; readonly after: readonly Sum[] };
  };
  readonly notes: readonly string[];
}

interface Sum {
  readonly amount: string;
  readonly currency: string;
}

/** `mappings shadow`: the last landed records under a draft, with counts and differences, and what would move. */
export function registerShadow(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'shadow <id>',
    'Run the last landed records under a draft and under what is in effect, and count what would change',
    'trueup mappings shadow salesforce.opportunity-line --records 10000 --impact',
  )
    .option('--records <n>', 'how many of the records that landed last', '10000')
    .option('--show <n>', 'differences to show', '20')
    .option('--impact', 'also the customers, documents, service dates and renewals that would move')
    .option('--file <path>', 'a mapping file instead of the saved draft')
    .option('--connection <name>', 'which of the connections that the mapping fits')
    .option('--exit-code', 'exit with 9 when records differ');
  command.action(async (id: string) => {
    const options = command.opts<Options>();
    const { connection, exitCode } = options;
    const tried = {
      ...(await textOf(options.file)),
      ...(connection === undefined ? {} : { connection }),
    };
    const api = await cli.api(command);
    const path = `/mappings/${encodeURIComponent(id)}`;
    const run = await api.post<ShadowRun>(`${path}:shadow`, {
      ...tried,
      records: wholeNumber(options.records, '--records'),
    });
    const most = wholeNumber(options.show, '--show');
    const differences =
      most === 0 ? [] : await api.list<Difference>(`/shadow-runs/${run.id}/differences`, {}, most);
    const impact =
      options.impact === true ? await api.post<Impact>(`${path}:impact`, tried) : undefined;
    cli
      .output(command)
      .show({ ...run, differences, ...(impact === undefined ? {} : { impact }) }, () =>
        [runText(run, differences), ...(impact === undefined ? [] : [impactText(impact)])].join(
          '\n\n',
        ),
      );
    if (exitCode === true && run.differing > 0) process.exitCode = EXIT.different;
  });
}

interface Options {
  readonly records: string;
  readonly show: string;
  readonly impact?: boolean;
  readonly file?: string;
  readonly connection?: string;
  readonly exitCode?: boolean;
}

function runText(run: ShadowRun, differences: readonly Difference[]): string {
  const counts = Object.entries(run.counts)
    .filter(([, count]) => count > 0)
    .map(([outcome, count]) => `${count} ${outcome}`);
  const head = `${run.id} ${run.state}: ${run.lookedAt} of ${run.wanted} ${run.object} of ${run.connection}; ${counts.join(', ') || 'nothing to look at'}.`;
  if (run.differing === 0) return `${head}\nNothing differs.`;
  const fields = Object.entries(run.fields).map(([field, count]) => `${field} ${count}`);
  const rows = differences.flatMap(({ recordId, outcome, error, items }) => {
    const base = { recordId, outcome };
    if (error !== null)
      return [{ ...base, field: error.message, draft: '', live: '', present: '' }];
    return items.flatMap((item) => item.fields.map((field) => ({ ...base, ...field })));
  });
  const table = tableText(rows, [
    { title: 'RECORD', value: (row) => row.recordId },
    { title: 'OUTCOME', value: (row) => row.outcome },
    { title: 'FIELD', value: (row) => row.field },
    { title: 'DRAFT', value: (row) => shown(row.draft) },
    { title: 'LIVE', value: (row) => shown(row.live) },
    { title: 'NOW', value: (row) => shown(row.present) },
  ]);
  return [head, `${run.differing} differ; by field: ${fields.join(', ')}.`, table].join('\n');
}

function impactText(impact: Impact): string {
  const { customers, documents, serviceDates, entitlements, renewals, notes } = impact;
  const names = customers.first.slice(0, 10).map(({ ref, name }) => name ?? ref);
  const { before, after } = renewals.forecast;
  return [
    `Would move: ${customers.total} customers, ${documents.total} documents, ${serviceDates.total} service dates, ${entitlements.total} rights, ${renewals.total} renewals.`,
    ...(names.length === 0 ? [] : [`Customers: ${names.join(', ')}`]),
    `Renewal forecast: ${sums(before)} now, ${sums(after)} then.`,
    ...notes,
  ].join('\n');
}

function sums(all: readonly Sum[]): string {
  return all.length === 0
    ? 'nothing'
    : all.map(({ amount, currency }) => `${amount} ${currency}`).join(' + ');
}

function shown(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
