import { Option, type Command } from 'commander';
import { parse } from 'yaml';
import type { Cli } from '../cli.ts';
import { registerHistory } from '../lookups/history.ts';
import { afterText, changeLookup, pathOf, type After, type Lookup } from '../lookups/shapes.ts';
import { registerTransfer } from '../lookups/transfer.ts';
import { registerUnmatched } from '../lookups/unmatched.ts';
import { listVerb, noun, verb, wholeNumber } from '../nouns.ts';
import { UsageError } from '../usage-error.ts';

const KINDS = ['free', 'sku-taxonomy', 'currencies', 'subsidiaries', 'fiscal-calendars'];

/** `lookups`: the tables that mappings look values up in. */
export function register(program: Command, cli: Cli): void {
  const lookups = noun(
    program,
    'lookups',
    'Tables that mappings look values up in',
    'trueup lookups unmatched sku-taxonomy',
  );
  listVerb<Lookup>(cli, lookups, {
    path: '/lookups',
    description: 'List every table',
    example: 'trueup lookups list',
    empty: 'There is no lookup table. Make one with: trueup lookups new sku-taxonomy',
    columns: [
      { title: 'TABLE', value: (row) => row.name },
      { title: 'KIND', value: (row) => row.kind },
      { title: 'VERSION', value: (row) => row.version },
      { title: 'ENTRIES', value: (row) => row.entries },
      { title: 'UNMATCHED', value: (row) => row.unmatched },
      { title: 'READ BY', value: (row) => row.readBy.join(', ') },
    ],
  });
  show(lookups, cli);
  make(lookups, cli);
  set(lookups, cli);
  registerTransfer(lookups, cli);
  registerHistory(lookups, cli);
  registerUnmatched(lookups, cli);
}

function show(parent: Command, cli: Cli): void {
  interface Entry {
    readonly key: string;
    readonly value: unknown;
    readonly records: number;
    readonly facts: number;
  }
  const command = verb(
    parent,
    'show <table>',
    'Show entries, with how many records and facts use them',
    'trueup lookups show sku-taxonomy --at 3',
  )
    .option('--at <version>', 'as they were at a version')
    .option('--limit <n>', 'rows at most; 0 for all', '100');
  command.action(async (name: string) => {
    const { at, limit } = command.opts<{ at?: string; limit: string }>();
    const most = wholeNumber(limit, '--limit');
    const query = at === undefined ? {} : { version: wholeNumber(at, '--at') };
    const api = await cli.api(command);
    const rows = await api.list<Entry>(`${pathOf(name)}/entries`, query, most === 0 ? undefined : most); // prettier-ignore
    cli.output(command).table(
      rows,
      [
        { title: 'KEY', value: (row) => row.key },
        {
          title: 'VALUE',
          value: (row) => (typeof row.value === 'string' ? row.value : JSON.stringify(row.value)),
        },
        { title: 'RECORDS', value: (row) => row.records },
        { title: 'FACTS', value: (row) => row.facts },
      ],
      `${name} has no entries.`,
    );
  });
}

function make(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'new <table>',
    'Make a table; one that bears the name of a kind is of that kind',
    'trueup lookups new regions --title "Regions of sales"',
  )
    .addOption(new Option('--kind <kind>', 'what its values are').choices(KINDS))
    .option('--title <text>', 'what it is for', '')
    .option('--note <text>', 'why', '');
  command.action(async (name: string) => {
    const after = await (
      await cli.api(command)
    ).post<After>('/lookups', { name, ...command.opts() });
    cli.output(command).show(after, () => `${name} is there, of the kind ${after.lookup.kind}.`);
  });
}

function set(parent: Command, cli: Cli): void {
  const collect = (value: string, all: readonly string[]): readonly string[] => [...all, value];
  const command = verb(
    parent,
    'set <table> [key] [value]',
    'Set or remove entries; records that asked for them are mapped again',
    'trueup lookups set sku-taxonomy CRM-PRO SKU-1 --note "new bundle"',
  )
    .option('--value <yaml>', 'a value that is no text, in YAML')
    .option('--remove <key>', 'take an entry away; may be given more than once', collect, [])
    .option('--at <version>', 'the version that you saw')
    .option('--note <text>', 'why', '');
  command.action(async (name: string, key?: string, value?: string) => {
    const options = command.opts<{ value?: string; remove: readonly string[]; at?: string; note: string }>(); // prettier-ignore
    const entries = entryOf(key, value, options.value);
    if (Object.keys(entries).length === 0 && options.remove.length === 0)
      throw new UsageError('Say what to change: a key with its value, or --remove.');
    const body = { entries, remove: options.remove, note: options.note };
    const after = await changeLookup<After>(await cli.api(command), name, 'set', body, options.at);
    cli.output(command).show(after, () => afterText(after));
  });
}

function entryOf(
  key: string | undefined,
  text: string | undefined,
  yaml: string | undefined,
): Readonly<Record<string, unknown>> {
  if (key === undefined) return {};
  if ((text === undefined) === (yaml === undefined))
    throw new UsageError(`Give one value for "${key}": a text behind it, or --value.`);
  if (yaml === undefined) return { [key]: text };
  try {
    return { [key]: parse(yaml, { maxAliasCount: 0 }) as unknown };
  } catch {
    throw new UsageError(`"${yaml}" is not YAML.`);
  }
}
