import { writeFile } from 'node:fs/promises';
import { Option, type Command } from 'commander';
import type { Cli } from '../cli.ts';
import { EXIT } from '../exit-code.ts';
import { listVerb, verb, wholeNumber } from '../nouns.ts';
import { withTag } from './fetched-draft.ts';
import { differencesText, pathOf, type Difference, type MappingRow, type WithText } from './shapes.ts'; // prettier-ignore

/** `mappings list`, `show`, `versions`, `history` and `diff`. */
export function registerBrowse(parent: Command, cli: Cli): void {
  listVerb<MappingRow>(cli, parent, {
    path: '/mappings',
    description: 'List every mapping, shipped or your own',
    example: 'trueup mappings list --state paused',
    empty: 'There is no mapping.',
    filters: [
      { flags: '--state <state>', description: 'ok, degraded or paused', query: 'state' },
      { flags: '--object <object>', description: 'that reads or writes it', query: 'object' },
    ],
    columns: [
      { title: 'MAPPING', value: (row) => row.id },
      { title: 'FROM', value: ({ source }) => side(source) },
      { title: 'TO', value: ({ target }) => side(target) },
      { title: 'VERSION', value: (row) => row.live?.version },
      { title: 'ORIGIN', value: (row) => row.live?.origin },
      { title: 'DRAFT', value: (row) => row.draft?.state },
      { title: 'STATE', value: (row) => row.state },
      { title: 'REQUIRED', value: ({ coverage }) => coverage === null ? null : `${coverage.mapped}/${coverage.required}` }, // prettier-ignore
      { title: 'ERRORS 7 D', value: ({ errors }) => errors.last7Days },
      { title: 'OWNER', value: ({ owner }) => owner?.name ?? 'unowned' },
    ],
  });
  registerShow(parent, cli);
  registerVersions(parent, cli);
  registerHistory(parent, cli);
  registerDiff(parent, cli);
}

function side({ connection, object }: MappingRow['source']): string {
  return connection === undefined ? object : `${connection} ${object}`;
}

function registerShow(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'show <id>',
    'Show a mapping as it is in effect, as YAML',
    'trueup mappings show salesforce.opportunity-line',
  )
    .addOption(new Option('--draft', 'what is being written instead').conflicts('at'))
    .option('--at <version>', 'an earlier version instead')
    .option(
      '--out <file>',
      'write the text to a file; of a draft with what `edit --file` has to know',
    );
  command.action(async (id: string) => {
    const { draft, at, out } = command.opts<{ draft?: boolean; at?: string; out?: string }>();
    const tail =
      draft === true ? '/draft' : at === undefined ? '' : `/versions/${wholeNumber(at, '--at')}`;
    const { body, etag } = await (await cli.api(command)).tagged<WithText>(`${pathOf(id)}${tail}`);
    const shown = draft === true ? { ...body, tag: etag?.replaceAll('"', '') ?? null } : body;
    if (out !== undefined)
      await writeFile(out, draft === true ? withTag(body.text, etag) : body.text);
    cli
      .output(command)
      .show(shown, () =>
        out === undefined ? body.text.trimEnd() : `The text of ${id} is in ${out}.`,
      );
  });
}

function registerVersions(parent: Command, cli: Cli): void {
  interface Version {
    readonly version: number;
    readonly origin: string;
    readonly inEffect: boolean;
    readonly publishedAt: string | null;
    readonly publishedBy: string | null;
    readonly rolledBackTo: number | null;
    readonly note: string;
  }
  const command = verb(
    parent,
    'versions <id>',
    'List what is and was in effect, newest first',
    'trueup mappings versions salesforce.opportunity-line',
  );
  command.action(async (id: string) => {
    const rows = await (await cli.api(command)).list<Version>(`${pathOf(id)}/versions`);
    cli.output(command).table(
      rows,
      [
        { title: 'VERSION', value: (row) => row.version },
        { title: 'ORIGIN', value: (row) => row.origin },
        { title: 'IN EFFECT', value: (row) => (row.inEffect ? 'yes' : 'no') },
        { title: 'PUBLISHED', value: (row) => row.publishedAt },
        { title: 'BY', value: (row) => row.publishedBy },
        { title: 'BACK TO', value: (row) => row.rolledBackTo },
        { title: 'NOTE', value: (row) => row.note },
      ],
      'Nothing was ever published.',
    );
  });
}

function registerHistory(parent: Command, cli: Cli): void {
  interface RowVersion {
    readonly version: number;
    readonly publishedAt: string | null;
    readonly publishedBy: string | null;
    readonly note: string;
    readonly differences: readonly Difference[];
  }
  const command = verb(
    parent,
    'history <id> <row>',
    'Show which versions changed one row, who did it and why, newest first',
    'trueup mappings history salesforce.opportunity-line quantity',
  );
  command.action(async (id: string, row: string) => {
    const path = `${pathOf(id)}/rows/${encodeURIComponent(row)}/history`;
    const versions = await (await cli.api(command)).list<RowVersion>(path);
    cli
      .output(command)
      .show(versions, () =>
        versions.length === 0
          ? `Only the draft has a row ${row}.`
          : versions
              .map(({ version, publishedAt, publishedBy, note, differences }) =>
                [
                  `version ${version}, ${publishedAt === null ? 'shipped' : `${publishedAt} by ${publishedBy ?? ''}`}${note === '' ? '' : `: ${note}`}`,
                  differencesText(differences),
                ].join('\n'),
              )
              .join('\n'),
      );
  });
}

function registerDiff(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'diff <id>',
    'Show what two contents differ in, in words',
    'trueup mappings diff salesforce.opportunity-line --from 3 --to live',
  )
    .option('--from <content>', 'a version, live or draft', 'live')
    .option('--to <content>', 'a version, live or draft', 'draft')
    .option('--exit-code', 'exit 9 if they differ');
  command.action(async (id: string) => {
    const { from, to, exitCode } = command.opts<{ from: string; to: string; exitCode?: boolean }>();
    const diff = await (
      await cli.api(command)
    ).get<{ differences: readonly Difference[] }>(`${pathOf(id)}/diff`, { from, to });
    cli.output(command).show(diff, () => differencesText(diff.differences));
    if (exitCode === true && diff.differences.length > 0) process.exitCode = EXIT.different;
  });
}
