import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { verb, wholeNumber } from '../nouns.ts';
import { tableText } from '../output.ts';
import { differencesText, pathOf, type Change, type Difference } from './shapes.ts';

/** `mappings rollback`, `restored`, `created` and `replay`. */
export function registerUndo(parent: Command, cli: Cli): void {
  registerRollBack(parent, cli);
  registerRestored(parent, cli);
  registerCreated(parent, cli);
  registerReplay(parent, cli);
}

interface Asked {
  readonly change: Change | null;
  readonly preview: {
    readonly from: number;
    readonly to: number;
    readonly undone: readonly number[];
    readonly differences: readonly Difference[];
    readonly facts: {
      readonly records: number;
      readonly changed: number;
      readonly complete: boolean;
    } | null;
    readonly records: { readonly changed: number; readonly created: number } | null;
    readonly changedSince: {
      readonly records: number;
      readonly fields: number;
      readonly first: readonly ThreeValues[];
      readonly complete: boolean;
      readonly notes: readonly string[];
    } | null;
  };
}

interface ThreeValues {
  readonly object: string;
  readonly vendorId: string | null;
  readonly field: string;
  readonly before: unknown;
  readonly written: unknown;
  readonly now: unknown;
}

/** Fields that a terminal shows of what was changed since; `--json` has more. */
const SHOWN = 20;

function registerRollBack(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'rollback <id>',
    'Ask for an earlier content to be put in effect again, or see what that would change',
    'trueup mappings rollback salesforce.account --to 3 --restore --dry-run',
  )
    .requiredOption('--to <version>', 'the version whose content comes back')
    .option('--restore', 'bring records of connected systems back to what they were')
    .option('--overwrite', 'with --restore: also what somebody else changed since')
    .option('--note <text>', 'why', '')
    .option('--dry-run', 'count what it would change, and change nothing');
  command.action(async (id: string) => {
    const { to, restore, overwrite, note, dryRun } = command.opts<{
      to: string;
      restore?: boolean;
      overwrite?: boolean;
      note: string;
      dryRun?: boolean;
    }>();
    const asked = await (
      await cli.api(command)
    ).post<Asked>(`${pathOf(id)}:rollback`, {
      version: wholeNumber(to, '--to'),
      restore: restore ?? false,
      overwrite: overwrite ?? false,
      note,
      dryRun: dryRun ?? false,
    });
    cli.output(command).show(asked, () => rollBackText(asked, overwrite ?? false));
  });
}

function rollBackText({ change, preview }: Asked, overwrite: boolean): string {
  const { from, to, undone, facts, records } = preview;
  const lines = [
    `Version ${from} back to the content of ${to}; it undoes ${undone.join(', ')}.`,
    differencesText(preview.differences),
  ];
  if (facts !== null)
    lines.push(
      `${facts.changed} of ${facts.records}${facts.complete ? '' : ' or more'} landed records would say something else.`,
    );
  if (records !== null)
    lines.push(
      `${records.changed} records of connected systems could be brought back; ${records.created} were made since and are offered for cancellation, as a plan, once it is published.`,
    );
  lines.push(...changedSinceLines(preview.changedSince, overwrite));
  if (change !== null)
    lines.push(
      `${change.id} waits for somebody else: trueup mappings approve ${change.id} --hash ${change.hash}`,
    );
  return lines.join('\n');
}

function changedSinceLines(
  since: Asked['preview']['changedSince'],
  overwrite: boolean,
): readonly string[] {
  if (since === null) return [];
  const { records, fields, first, complete, notes } = since;
  const what = overwrite ? 'written over' : 'kept; --overwrite brings them back too';
  const shown = tableText(first.slice(0, SHOWN), [
    { title: 'OBJECT', value: (row) => row.object },
    { title: 'RECORD', value: (row) => row.vendorId },
    { title: 'FIELD', value: (row) => row.field },
    { title: 'BEFORE', value: (row) => textOfValue(row.before) },
    { title: 'WRITTEN', value: (row) => textOfValue(row.written) },
    { title: 'NOW', value: (row) => textOfValue(row.now) },
  ]);
  return [
    ...(fields === 0
      ? []
      : [`${fields} fields of ${records} records were changed since: ${what}.`, shown]),
    ...(fields > SHOWN ? [`${fields - SHOWN} more; --json shows up to 100.`] : []),
    ...(complete ? [] : ['Not every record could be looked at; each is again when it is written.']),
    ...notes,
  ];
}

function textOfValue(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function registerRestored(parent: Command, cli: Cli): void {
  interface Restored {
    readonly connection: string;
    readonly object: string;
    readonly vendorId: string | null;
    readonly fields: readonly (Omit<ThreeValues, 'object' | 'vendorId'> & {
      readonly did: string;
    })[];
  }
  const command = verb(
    parent,
    'restored <request>',
    'List what a roll back brings back, field by field, and what it left alone',
    'trueup mappings restored chg_01j…',
  ).option('--kept', 'only what somebody else changed since');
  command.action(async (id: string) => {
    const { kept } = command.opts<{ kept?: boolean }>();
    const records = await (
      await cli.api(command)
    ).list<Restored>(`/change-requests/${encodeURIComponent(id)}/restored`);
    const rows = records.flatMap(({ fields, ...record }) =>
      fields.map((field) => ({ ...record, ...field })),
    );
    cli.output(command).table(
      kept === true ? rows.filter(({ did }) => did === 'kept') : rows,
      [
        { title: 'CONNECTION', value: (row) => row.connection },
        { title: 'OBJECT', value: (row) => row.object },
        { title: 'RECORD', value: (row) => row.vendorId },
        { title: 'FIELD', value: (row) => row.field },
        { title: 'DID', value: (row) => row.did },
        { title: 'BEFORE', value: (row) => textOfValue(row.before) },
        { title: 'WRITTEN', value: (row) => textOfValue(row.written) },
        { title: 'FOUND', value: (row) => textOfValue(row.now) },
      ],
      'It brings nothing back.',
    );
  });
}

function registerCreated(parent: Command, cli: Cli): void {
  interface Created {
    readonly connection: string;
    readonly object: string;
    readonly vendorId: string | null;
    readonly canonicalId: string;
  }
  const command = verb(
    parent,
    'created <request>',
    'List records that a rolled back version had made; a plan offers to cancel them',
    'trueup mappings created chg_01j…',
  );
  command.action(async (id: string) => {
    const rows = await (
      await cli.api(command)
    ).list<Created>(`/change-requests/${encodeURIComponent(id)}/created`);
    cli.output(command).table(
      rows,
      [
        { title: 'CONNECTION', value: (row) => row.connection },
        { title: 'OBJECT', value: (row) => row.object },
        { title: 'RECORD', value: (row) => row.vendorId },
        { title: 'ABOUT', value: (row) => row.canonicalId },
      ],
      'It had made none.',
    );
  });
}

interface Replay {
  readonly runId: string;
  readonly connection: string;
  readonly stream: string;
  readonly status: string;
  readonly records: number;
  readonly done: number;
  readonly facts: number;
  readonly failed: number;
}

function registerReplay(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'replay <id>',
    'Map again what has landed, without asking the system that it came from',
    'trueup mappings replay salesforce.account --failed',
  )
    .option('--failed', 'only records that the mapping failed on')
    .option('--cause <group>', 'only those of them with one cause: a group of `errors list`')
    .option('--show', 'only show how far the latest replays are');
  command.action(async (id: string) => {
    const { failed, cause, show } = command.opts<{
      failed?: boolean;
      cause?: string;
      show?: boolean;
    }>();
    const api = await cli.api(command);
    if (show === true) {
      const rows = await api.list<Replay>(`${pathOf(id)}/replays`, {}, 20);
      return cli.output(command).table(rows, REPLAY_COLUMNS, 'It was never replayed.');
    }
    const scope = cause === undefined ? (failed === true ? 'failed' : 'all') : 'cause';
    const body = { scope, ...(cause === undefined ? {} : { cause }) };
    const started = await api.post<Started>(`${pathOf(id)}:replay`, body);
    cli.output(command).show(started, () => startedText(started));
  });
}

interface Started {
  readonly replays: readonly (Pick<Replay, 'runId' | 'connection' | 'stream' | 'records'> & {
    readonly underWay: boolean;
  })[];
  readonly documents: number | null;
}

function startedText({ replays, documents }: Started): string {
  if (documents !== null) return `${documents} documents are looked at again.`;
  if (replays.length === 0) return 'No landed record is to be mapped again.';
  const lines = replays.map(({ runId, records, connection, stream, underWay }) => {
    const note = underWay ? ', asked for before and under way' : '';
    return `${runId}: ${records} records of ${connection} ${stream}${note}`;
  });
  return lines.join('\n');
}

const REPLAY_COLUMNS = [
  { title: 'RUN', value: (row: Replay) => row.runId },
  { title: 'CONNECTION', value: (row: Replay) => row.connection },
  { title: 'STATUS', value: (row: Replay) => row.status },
  { title: 'DONE', value: (row: Replay) => `${row.done}/${row.records}` },
  { title: 'FACTS', value: (row: Replay) => row.facts },
  { title: 'FAILED', value: (row: Replay) => row.failed },
] as const;
