import { Option, type Command } from 'commander';
import type { Cli } from './cli.ts';
import type { Column } from './output.ts';
import { UsageError } from './usage-error.ts';

/** A noun of the command line, with an example at the head of its help. */
export function noun(
  program: Command,
  name: string,
  description: string,
  example: string,
): Command {
  return program
    .command(name)
    .description(description)
    .addHelpText('before', `Example: ${example}\n`);
}

/** A verb of a noun, with an example at the head of its help. */
export function verb(
  parent: Command,
  usage: string,
  description: string,
  example: string,
): Command {
  return parent
    .command(usage)
    .description(description)
    .addHelpText('before', `Example: ${example}\n`);
}

/** A filter of a list: the option's flags, what it is for, and the query parameter that it becomes. */
export interface Filter {
  readonly flags: string;
  readonly description: string;
  readonly query: string;
}

/** `<noun> list`: every row of a resource (100 unless --limit says otherwise) as a table or a JSON array. */
export function listVerb<Row>(
  cli: Cli,
  parent: Command,
  list: {
    readonly path: string;
    readonly description: string;
    readonly example: string;
    readonly columns: readonly Column<Row>[];
    readonly empty: string;
    readonly filters?: readonly Filter[];
    readonly name?: string;
  },
): Command {
  const command = verb(parent, list.name ?? 'list', list.description, list.example);
  const filters = (list.filters ?? []).map((filter) => ({
    ...filter,
    option: new Option(filter.flags, filter.description),
  }));
  for (const { option } of filters) command.addOption(option);
  command.option('--limit <n>', 'rows at most; 0 for all', '100');
  return command.action(async () => {
    const options = command.opts<Record<string, string | undefined>>();
    const query = Object.fromEntries(
      filters.map(({ option, query: name }) => [name, options[option.attributeName()]]),
    );
    const most = wholeNumber(options['limit'] ?? '100', '--limit');
    const rows = await (
      await cli.api(command)
    ).list<Row>(list.path, query, most === 0 ? undefined : most);
    const narrowed = Object.values(query).some((value) => value !== undefined);
    cli.output(command).table(rows, list.columns, narrowed ? 'None match.' : list.empty);
  });
}

/** `<noun> show ID`: one row as readable JSON. */
export function showVerb(
  cli: Cli,
  parent: Command,
  show: {
    readonly path: (id: string) => string;
    readonly description: string;
    readonly example: string;
  },
): Command {
  const command = verb(parent, 'show <id>', show.description, show.example);
  return command.action(async (id: string) => {
    const row = await (await cli.api(command)).get<unknown>(show.path(encodeURIComponent(id)));
    cli.output(command).show(row, () => JSON.stringify(row, null, 2));
  });
}

/** Reads a whole number from the command line. Throws UsageError. */
export function wholeNumber(text: string, flag: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new UsageError(`${flag} takes a whole number, not "${text}".`);
  return Number(text);
}
