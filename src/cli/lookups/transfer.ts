import { extname } from 'node:path';
import { Option, type Command } from 'commander';
import type { Cli } from '../cli.ts';
import { EXIT } from '../exit-code.ts';
import { verb, wholeNumber } from '../nouns.ts';
import { readText } from '../read-text.ts';
import { UsageError } from '../usage-error.ts';
import {
  afterText,
  changeLookup,
  changesText,
  changeText,
  pathOf,
  type After,
  type Change,
} from './shapes.ts';

interface Import {
  readonly ok: boolean;
  readonly changes: readonly Change[];
  readonly invalid: readonly {
    readonly line: number | null;
    readonly column: string | null;
    readonly message: string;
  }[];
  readonly done: After | null;
}

const FORMATS = ['csv', 'json', 'yaml'];

function formatOf(file: string, given: string | undefined): string {
  const format = given ?? extname(file).slice(1).replace('yml', 'yaml');
  if (FORMATS.includes(format)) return format;
  throw new UsageError(`Say what ${file} is, with --format csv, json or yaml.`);
}

/** `lookups import` and `lookups export`. */
export function registerTransfer(parent: Command, cli: Cli): void {
  registerImport(parent, cli);
  registerExport(parent, cli);
}

function registerImport(parent: Command, cli: Cli): void {
  const inward = verb(
    parent,
    'import <table> <file>',
    'Take a file over as the table, all or none',
    'trueup lookups import sku-taxonomy skus.csv --dry-run',
  )
    .addOption(new Option('--format <format>', 'what the file is').choices(FORMATS))
    .option('--keep', 'leave entries that the file does not have')
    .option('--dry-run', 'only show what it would change')
    .option('--at <version>', 'the version that you saw')
    .option('--note <text>', 'why', '');
  inward.action(async (name: string, file: string) => {
    const options = inward.opts<{ format?: string; keep?: boolean; dryRun?: boolean; at?: string; note: string }>(); // prettier-ignore
    const body = {
      text: await readText(file),
      format: formatOf(file, options.format),
      replace: options.keep !== true,
      dryRun: options.dryRun === true,
      note: options.note,
    };
    const result = await changeLookup<Import>(
      await cli.api(inward),
      name,
      'import',
      body,
      options.at,
    );
    if (!result.ok) process.exitCode = EXIT.invalid;
    cli.output(inward).show(result, () => importText(result));
  });
}

function registerExport(parent: Command, cli: Cli): void {
  const outward = verb(
    parent,
    'export <table>',
    'Print a table as a file that can be imported again',
    'trueup lookups export sku-taxonomy --format csv > skus.csv',
  )
    .addOption(new Option('--format <format>', 'as what').choices(FORMATS).default('csv'))
    .option('--at <version>', 'as it was at a version');
  outward.action(async (name: string) => {
    const { format, at } = outward.opts<{ format: string; at?: string }>();
    const query = { format, ...(at === undefined ? {} : { version: wholeNumber(at, '--at') }) };
    const file = await (await cli.api(outward)).get<{ text: string }>(`${pathOf(name)}:export`, query); // prettier-ignore
    cli.output(outward).show(file, () => file.text.trimEnd());
  });
}

function importText({ changes, invalid, done }: Import): string {
  if (done !== null) return afterText(done);
  return [
    ...changes.map(changeText),
    ...invalid.map(({ line, column, message }) => {
      const place = [line === null ? null : `line ${line}`, column].filter((part) => part !== null);
      return `WRONG ${place.join(', ')}: ${message}`;
    }),
    `It would be: ${changesText(changes)}, ${invalid.length} wrong. Nothing was changed.`,
  ].join('\n');
}
