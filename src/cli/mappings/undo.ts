import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { verb, wholeNumber } from '../nouns.ts';
import { differencesText, pathOf, type Change, type Difference } from './shapes.ts';

/** `mappings rollback`, `created`, `replay` and `replays`. */
export function registerUndo(parent: Command, cli: Cli): void {
  registerRollBack(parent, cli);
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
  };
}

function registerRollBack(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'rollback <id>',
    'Ask for an earlier content to be put in effect again, or see what that would change',
    'trueup mappings rollback salesforce.account --to 3 --restore --dry-run',
  )
    .requiredOption('--to <version>', 'the version whose content comes back')
    .option('--restore', 'bring records of connected systems back to what they were')
    .option('--note <text>', 'why', '')
    .option('--dry-run', 'count what it would change, and change nothing');
  command.action(async (id: string) => {
    const { to, restore, note, dryRun } = command.opts<{
      to: string;
      restore?: boolean;
      note: string;
      dryRun?: boolean;
    }>();
    const asked = await (
      await cli.api(command)
    ).post<Asked>(`${pathOf(id)}:rollback`, {
      version: wholeNumber(to, '--to'),
      restore: restore ?? false,
      note,
      dryRun: dryRun ?? false,
    });
    cli.output(command).show(asked, () => rollBackText(asked));
  });
}

function rollBackText({ change, preview }: Asked): string {
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
      `${records.changed} records of connected systems could be brought back; ${records.created} were made since.`,
    );
  if (change !== null)
    lines.push(
      `${change.id} waits for somebody else: trueup mappings approve ${change.id} --hash ${change.hash}`,
    );
  return lines.join('\n');
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
    'List records that a rolled back version had made, for you to cancel',
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
    .option('--show', 'only show how far the latest replays are');
  command.action(async (id: string) => {
    const { failed, show } = command.opts<{ failed?: boolean; show?: boolean }>();
    const api = await cli.api(command);
    if (show === true) {
      const rows = await api.list<Replay>(`${pathOf(id)}/replays`, {}, 20);
      return cli.output(command).table(rows, REPLAY_COLUMNS, 'It was never replayed.');
    }
    const scope = failed === true ? 'failed' : 'all';
    const { replays } = await api.post<{ replays: readonly Replay[] }>(`${pathOf(id)}:replay`, {
      scope,
    });
    cli
      .output(command)
      .show({ replays }, () =>
        replays.length === 0
          ? 'No landed record is to be mapped again.'
          : replays
              .map(
                (each) =>
                  `${each.runId}: ${each.records} records of ${each.connection} ${each.stream}`,
              )
              .join('\n'),
      );
  });
}

const REPLAY_COLUMNS = [
  { title: 'RUN', value: (row: Replay) => row.runId },
  { title: 'CONNECTION', value: (row: Replay) => row.connection },
  { title: 'STATUS', value: (row: Replay) => row.status },
  { title: 'DONE', value: (row: Replay) => `${row.done}/${row.records}` },
  { title: 'FACTS', value: (row: Replay) => row.facts },
  { title: 'FAILED', value: (row: Replay) => row.failed },
] as const;
