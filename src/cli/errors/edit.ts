import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { listVerb, verb } from '../nouns.ts';
import { UsageError } from '../usage-error.ts';

interface Edited {
  readonly intent: { readonly id: string; readonly object: string; readonly revision: number };
  readonly candidates: readonly {
    readonly mappingId: string;
    readonly version: number;
    readonly field: string;
    readonly records: number;
  }[];
}

interface Edit {
  readonly at: string;
  readonly by: string;
  readonly connection: string;
  readonly object: string;
  readonly field: string;
  readonly before: unknown;
  readonly after: unknown;
  readonly mappingId: string | null;
  readonly reason: string;
}

/** `errors edit-and-retry`: send a refused write with another value; `errors edits`: what was set by hand. */
export function editErrors(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'edit-and-retry <intent>',
    'Send a refused write with values set by hand, as the next revision of its record',
    "trueup errors edit-and-retry INTENT --set entity.id=812 --reason 'the customer was merged'",
  )
    .option('--set <field=value>', 'a value, JSON or else text; may be given again', collect, [])
    .requiredOption('--reason <text>', 'why it is set by hand');
  command.action(async (id: string) => {
    const { set, reason } = command.opts<{ set: readonly string[]; reason: string }>();
    if (set.length === 0) throw new UsageError('Nothing to change. Give --set field=value.');
    const body = { fields: Object.fromEntries(set.map(fieldOf)), reason };
    const path = `/errors/${encodeURIComponent(id)}:edit-and-retry`;
    const edited = await (await cli.api(command)).post<Edited>(path, body);
    cli.output(command).show(edited, () => {
      const { intent, candidates } = edited;
      return [
        `Revision ${intent.revision} of ${intent.object} is sent with it: trueup intents show ${intent.id}`,
        ...candidates.map(
          ({ mappingId, field, records }) =>
            `The next record meets the same: ${mappingId} gives ${field}, set by hand on ${records} ${records === 1 ? 'record' : 'records'} so far. To change the mapping: trueup mappings edit ${mappingId}`,
        ),
      ].join('\n');
    });
  });
  listVerb<Edit>(cli, parent, {
    name: 'edits',
    path: '/errors/edits',
    description: 'List fields that were set by hand, newest first: rows of mappings to look at',
    example: 'trueup errors edits --mapping netsuite.order-to-sales-order',
    empty: 'Nothing was set by hand.',
    filters: [{ flags: '--mapping <id>', description: 'only of this mapping', query: 'mapping' }],
    columns: [
      { title: 'AT', value: (row) => row.at },
      { title: 'FIELD', value: (row) => `${row.connection} ${row.object}.${row.field}` },
      { title: 'BEFORE', value: (row) => shown(row.before) },
      { title: 'AFTER', value: (row) => shown(row.after) },
      { title: 'MAPPING', value: (row) => row.mappingId },
      { title: 'BY', value: (row) => row.by },
      { title: 'REASON', value: (row) => row.reason },
    ],
  });
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

function fieldOf(text: string): readonly [string, unknown] {
  const at = text.indexOf('=');
  if (at <= 0) throw new UsageError(`"${text}" is not field=value.`);
  const value = text.slice(at + 1);
  return [text.slice(0, at), valueOf(value)];
}

/** The JSON value that a text is, or the text. A number that would not read as it was typed (`9007199254740993`, `1.10`, `1e3`) stays text. Pure. */
export function valueOf(text: string): unknown {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'number' && String(parsed) !== text ? text : parsed;
  } catch {
    return text;
  }
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
