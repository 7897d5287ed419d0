import type { Command } from 'commander';
import { parse } from 'yaml';
import type { ApiClient } from '../api-client.ts';
import type { Cli } from '../cli.ts';
import { EXIT } from '../exit-code.ts';
import { HubError } from '../../kernel/errors.ts';
import { verb, wholeNumber } from '../nouns.ts';
import { readText } from '../read-text.ts';
import { UsageError } from '../usage-error.ts';
import { fetchedText } from './fetched-draft.ts';
import { pathOf, type Change, type Draft } from './shapes.ts';

/** `mappings new`, `edit`, `test` and `submit`. */
export function registerEdit(parent: Command, cli: Cli): void {
  registerNew(parent, cli);
  registerChange(parent, cli);
  registerTest(parent, cli);
  registerSubmit(parent, cli);
}

function registerNew(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'new [file]',
    'Begin a mapping that does not exist yet, as a draft: from a file, or with the rows of another',
    'trueup mappings new --from salesforce.account --id own.partner --object Partner__c',
  )
    .option('--from <mapping>', 'begin with the rows of this mapping, instead of a file')
    .option('--id <id>', 'with --from: the id of the new one')
    .option('--title <title>', 'with --from: what it is called')
    .option('--connection <name>', 'with --from: the connection that it is about')
    .option('--object <object>', 'with --from: the object that it is about');
  command.action(async (file: string | undefined) => {
    const { from, ...own } = command.opts<NewOptions>();
    if ((file === undefined) === (from === undefined))
      throw new UsageError('Name a file, or a mapping to begin with: --from.');
    if ((from === undefined) !== (own.id === undefined))
      throw new UsageError('--from and --id go together; a file has its own id.');
    const body =
      file === undefined ? { template: from, ...picked(own) } : { text: await readText(file) };
    const draft = await (await cli.api(command)).post<Draft>('/mappings', body);
    cli.output(command).show(draft, () => saved(draft));
  });
}

interface NewOptions {
  readonly from?: string;
  readonly id?: string;
  readonly title?: string;
  readonly connection?: string;
  readonly object?: string;
}

/** Without what is a flag of every command. */
function picked({ id, title, connection, object }: NewOptions): NewOptions {
  return JSON.parse(JSON.stringify({ id, title, connection, object })) as NewOptions;
}

interface EditOptions {
  readonly file?: string;
  readonly set: readonly string[];
  readonly remove: readonly string[];
  readonly base?: string;
  readonly tag?: string;
  readonly discard?: boolean;
}

function registerChange(parent: Command, cli: Cli): void {
  const collect = (value: string, all: readonly string[]): readonly string[] => [...all, value];
  const command = verb(
    parent,
    'edit <id>',
    'Change the draft of a mapping, or begin it with what is in effect',
    "trueup mappings edit salesforce.account --set 'legalName={ from: src.Name, steps: [trim] }'",
  )
    .option('--set <row=yaml>', 'put a row in; may be given more than once', collect, [])
    .option('--remove <row>', 'take a row out; may be given more than once', collect, [])
    .option('--file <file>', 'replace the text by a file, or - for what comes in')
    .option('--base <version>', 'the version in effect that the text was written over')
    .option(
      '--tag <tag>',
      'the draft that the file was made from, where its first line does not say',
    )
    .option('--discard', 'throw the draft away');
  command.action(async (id: string) => {
    const options = command.opts<EditOptions>();
    const api = await cli.api(command);
    const path = `${pathOf(id)}/draft`;
    const draft = await apply(api, path, options, await tagOf(api, path));
    cli
      .output(command)
      .show(draft, () => (options.discard === true ? `The draft of ${id} is gone.` : saved(draft)));
  });
}

async function apply(
  api: ApiClient,
  path: string,
  { file, set, remove, base, tag: given, discard }: EditOptions,
  tag: string | null,
): Promise<Draft> {
  const rows = [
    ...set.map((text) => ({ op: 'set', ...rowOf(text) })),
    ...remove.map((row) => ({ op: 'remove', row })),
  ];
  const ways = [file !== undefined, rows.length > 0, discard === true].filter(Boolean).length;
  if (ways !== 1)
    throw new UsageError('Say what to change: --set or --remove, --file, or --discard.');
  if (discard === true) return api.change<Draft>('DELETE', path, tag);
  if (file === undefined) return api.change<Draft>('PATCH', path, tag, { edits: rows });
  const { text, tag: fetched } = fetchedText(await readText(file));
  const seen = given === undefined ? fetched : `"${given.replaceAll('"', '')}"`;
  if (seen === null && tag !== null)
    throw new UsageError(
      'There is a draft already, and the file does not say that it was made from it. Fetch it with `trueup mappings show ID --draft --out FILE`, put your changes there, or name the draft that you saw with --tag.',
    );
  return api.change<Draft>('PUT', path, seen, {
    text,
    ...(base === undefined ? {} : { baseVersion: wholeNumber(base, '--base') }),
  });
}

/** The tag of the draft that there is now; null where there is none. */
async function tagOf(api: ApiClient, path: string): Promise<string | null> {
  try {
    return (await api.tagged<Draft>(path)).etag;
  } catch (error) {
    if (error instanceof HubError && error.status === 404) return null;
    throw error;
  }
}

/** `quantity={ from: src.Qty }`: the row and what it says, in YAML. Throws UsageError. */
function rowOf(text: string): { readonly row: string; readonly value: unknown } {
  const at = text.indexOf('=');
  if (at < 1) throw new UsageError(`--set takes ROW=YAML, not "${text}".`);
  try {
    return { row: text.slice(0, at), value: parse(text.slice(at + 1)) as unknown };
  } catch {
    throw new UsageError(`"${text.slice(at + 1)}" is not YAML.`);
  }
}

function saved({ mappingId, revision, hash }: Draft): string {
  return `The draft of ${mappingId} is saved, revision ${revision} (${hash.slice(0, 12)}).`;
}

function registerTest(parent: Command, cli: Cli): void {
  interface Tested {
    readonly ok: boolean;
    readonly tests: readonly {
      readonly name: string;
      readonly passed: boolean;
      readonly difference: string | null;
    }[];
  }
  const command = verb(
    parent,
    'test <id>',
    'Run the tests that a mapping has of its own; of its draft, where there is one',
    'trueup mappings test salesforce.account',
  ).option('--file <file>', 'run those of a file instead, or - for what comes in');
  command.action(async (id: string) => {
    const { file } = command.opts<{ file?: string }>();
    const body = file === undefined ? {} : { text: await readText(file) };
    const result = await (await cli.api(command)).post<Tested>(`${pathOf(id)}:test`, body);
    if (!result.ok) process.exitCode = EXIT.invalid;
    cli
      .output(command)
      .show(result, () =>
        result.tests.length === 0
          ? `${id} has no tests.`
          : result.tests
              .map(({ name, passed, difference }) =>
                passed ? `passed  ${name}` : `FAILED  ${name}: ${difference ?? ''}`,
              )
              .join('\n'),
      );
  });
}

function registerSubmit(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'submit <id>',
    'Ask for the draft to be put in effect; it is checked first and frozen then',
    'trueup mappings submit salesforce.account --note "names without spaces"',
  )
    .option('--note <text>', 'what it is for', '')
    .option('--no-replay', 'leave what has landed as it is mapped');
  command.action(async (id: string) => {
    const { note, replay } = command.opts<{ note: string; replay: boolean }>();
    const change = await (
      await cli.api(command)
    ).post<Change>(`${pathOf(id)}:submit`, { note, replay });
    cli
      .output(command)
      .show(
        change,
        () =>
          `${change.id} waits for somebody else: trueup mappings approve ${change.id} --hash ${change.hash}`,
      );
  });
}
