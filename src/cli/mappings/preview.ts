import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { verb, wholeNumber } from '../nouns.ts';
import { tableText } from '../output.ts';
import { UsageError } from '../usage-error.ts';

interface Field {
  readonly field: string;
  readonly path: string | null;
  readonly draft: unknown;
  readonly live: unknown;
  readonly present: unknown;
  readonly differs: boolean;
  readonly changes: boolean;
  readonly error: { readonly message: string } | null;
}

interface PreviewRecord {
  readonly id: string;
  readonly why: readonly string[];
  readonly kind: string;
  readonly outcome: string;
  readonly error: { readonly message: string } | null;
  readonly presentKnown: boolean;
  readonly items: readonly {
    readonly noun: string;
    readonly ref: string;
    readonly fields: readonly Field[];
  }[];
}

interface Preview {
  readonly mapping: string;
  readonly connection: string;
  readonly object: string;
  readonly records: readonly PreviewRecord[];
  readonly notes: readonly string[];
}

/** `mappings preview`: records under a draft, beside what is in effect and what the target holds. */
export function registerPreview(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'preview <id>',
    'Show what a draft makes of one record or a sample, beside what is in effect and what the target holds',
    'trueup mappings preview salesforce.opportunity-line --record 00k5g00000LINE1AAA',
  )
    .option('--record <id>', 'one record by its id at the source')
    .option('--newest <n>', 'the newest so many records instead of those picked for their edges')
    .option('--file <path>', 'a mapping file instead of the saved draft')
    .option('--connection <name>', 'which of the connections that the mapping fits');
  command.action(async (id: string) => {
    const { record, newest, file, connection } = command.opts<Record<string, string | undefined>>();
    const preview = await (
      await cli.api(command)
    ).post<Preview>(`/mappings/${encodeURIComponent(id)}:preview`, {
      ...(await textOf(file)),
      ...(record === undefined ? {} : { record }),
      ...(newest === undefined ? {} : { sample: wholeNumber(newest, '--newest') }),
      ...(connection === undefined ? {} : { connection }),
    });
    cli.output(command).show(preview, () => previewText(preview));
  });
}

/** The text of a mapping file, as a request body takes it; nothing without a file. Throws UsageError. */
export async function textOf(
  file: string | undefined,
): Promise<{ readonly text: string } | Record<string, never>> {
  if (file === undefined) return {};
  try {
    return { text: await readFile(file, 'utf8') };
  } catch {
    throw new UsageError(`The file ${file} cannot be read.`);
  }
}

function previewText({ records, notes, object, connection }: Preview): string {
  const parts = records.map((record) => recordText(record));
  const head = `${records.length} ${object} of ${connection}`;
  return [head, ...parts, ...notes].join('\n\n');
}

function recordText({ id, why, outcome, error, items, presentKnown }: PreviewRecord): string {
  const because = why.length === 0 ? '' : ` (${why.join(', ')})`;
  const title = `${id}: ${outcome}${because}`;
  const tables = items.map(({ noun, ref, fields }) => {
    const rows = tableText(fields, [
      { title: 'FIELD', value: (row) => row.field },
      { title: 'DRAFT', value: (row) => shown(row.draft) },
      { title: 'LIVE', value: (row) => (row.differs ? shown(row.live) : '=') },
      {
        title: 'NOW',
        value: (row) => (presentKnown ? (row.changes ? shown(row.present) : '=') : 'unknown'),
      },
      { title: 'READS', value: (row) => row.path },
      { title: 'PROBLEM', value: (row) => row.error?.message ?? '' },
    ]);
    return `${noun} ${ref}\n${rows}`;
  });
  return [title, ...(error === null ? [] : [error.message]), ...tables].join('\n');
}

function shown(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
