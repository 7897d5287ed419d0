import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { verb, wholeNumber } from '../nouns.ts';
import { afterText, changeLookup, changeText, pathOf, type After, type Change } from './shapes.ts';

/** `lookups history`, `diff` and `restore`. */
export function registerHistory(parent: Command, cli: Cli): void {
  registerVersions(parent, cli);
  registerDiff(parent, cli);
  registerRestore(parent, cli);
}

function registerVersions(parent: Command, cli: Cli): void {
  interface Version {
    readonly version: number;
    readonly action: string;
    readonly changedBy: string;
    readonly changedAt: string;
    readonly added: number;
    readonly changed: number;
    readonly removed: number;
    readonly note: string;
  }
  const list = verb(
    parent,
    'history <table>',
    'List who changed a table, when and why, newest first',
    'trueup lookups history sku-taxonomy',
  );
  list.action(async (name: string) => {
    const rows = await (await cli.api(list)).list<Version>(`${pathOf(name)}/versions`);
    cli.output(list).table(
      rows,
      [
        { title: 'VERSION', value: (row) => row.version },
        { title: 'WHAT', value: (row) => row.action },
        { title: 'BY', value: (row) => row.changedBy },
        { title: 'AT', value: (row) => row.changedAt },
        { title: 'ADDED', value: (row) => row.added },
        { title: 'CHANGED', value: (row) => row.changed },
        { title: 'REMOVED', value: (row) => row.removed },
        { title: 'NOTE', value: (row) => row.note },
      ],
      `${name} has no history.`,
    );
  });
}

function registerDiff(parent: Command, cli: Cli): void {
  const diff = verb(
    parent,
    'diff <table>',
    'Show what two versions differ in; the last two unless others are named',
    'trueup lookups diff sku-taxonomy --from 2 --to 4',
  )
    .option('--from <version>', 'the earlier one')
    .option('--to <version>', 'the later one');
  diff.action(async (name: string) => {
    const given = Object.entries(diff.opts<Record<string, string>>());
    const query = Object.fromEntries(given.map(([at, text]) => [at, wholeNumber(text, `--${at}`)]));
    const result = await (await cli.api(diff)).get<{ changes: readonly Change[] }>(`${pathOf(name)}/diff`, query); // prettier-ignore
    cli
      .output(diff)
      .show(result, () =>
        result.changes.length === 0 ? 'No difference.' : result.changes.map(changeText).join('\n'),
      );
  });
}

function registerRestore(parent: Command, cli: Cli): void {
  const back = verb(
    parent,
    'restore <table> <version>',
    'Bring the entries of an earlier version back, as a new version',
    'trueup lookups restore sku-taxonomy 3 --note "wrong file"',
  ).option('--note <text>', 'why', '');
  back.action(async (name: string, version: string) => {
    const body = { version: wholeNumber(version, 'The version'), ...back.opts<{ note: string }>() };
    const after = await changeLookup<After>(await cli.api(back), name, 'restore', body);
    cli.output(back).show(after, () => afterText(after));
  });
}
