import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { verb } from '../nouns.ts';
import { tableText } from '../output.ts';
import { textOf } from './preview.ts';

interface Suggestions {
  readonly mapping: string;
  readonly connection: string;
  readonly suggestions: readonly {
    readonly field: string;
    readonly path: string;
    readonly score: number;
    readonly reason: string;
    readonly row: Readonly<Record<string, unknown>>;
  }[];
  readonly missing: readonly string[];
  readonly source: Side;
  readonly target: Side;
}

interface Side {
  readonly object: string;
  readonly asOf: string | null;
  readonly live: boolean;
  readonly note: string | null;
}

/** `mappings suggest`: rows for target fields that have none. */
export function registerSuggest(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'suggest <id>',
    'Propose rows for target fields that have none, with a score and the reason; nothing is written',
    'trueup mappings suggest salesforce.account',
  )
    .option('--file <path>', 'a mapping file instead of the saved draft')
    .option('--connection <name>', 'which of the connections that the mapping fits');
  command.action(async (id: string) => {
    const { file, connection } = command.opts<Record<string, string | undefined>>();
    const found = await (
      await cli.api(command)
    ).post<Suggestions>(`/mappings/${encodeURIComponent(id)}:suggest`, {
      ...(await textOf(file)),
      ...(connection === undefined ? {} : { connection }),
    });
    cli.output(command).show(found, () => suggestionsText(found));
  });
}

function suggestionsText({ suggestions, missing, source, target }: Suggestions): string {
  const table =
    suggestions.length === 0
      ? 'Nothing to suggest: every field that a source fits has its row.'
      : tableText(suggestions, [
          { title: 'FIELD', value: (row) => row.field },
          { title: 'SCORE', value: (row) => row.score.toFixed(2) },
          { title: 'ROW', value: (row) => JSON.stringify(row.row) },
          { title: 'REASON', value: (row) => row.reason },
        ]);
  const lacking =
    missing.length === 0 ? [] : [`Required, and nothing fits: ${missing.join(', ')}.`];
  return [table, ...lacking, ...[source, target].flatMap(ageText)].join('\n');
}

function ageText({ object, asOf, live, note }: Side): readonly string[] {
  if (live) return [];
  const since = asOf === null ? 'was never described' : `is shown as of ${asOf}`;
  return [`${object} ${since}: ${note ?? 'the system cannot be asked now'}`];
}
