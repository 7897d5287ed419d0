import type { Command } from 'commander';
import { parse } from 'yaml';
import { NotFoundError } from '../../kernel/errors.ts';
import type { ApiClient } from '../api-client.ts';
import type { Cli } from '../cli.ts';
import { EXIT } from '../exit-code.ts';
import { verb } from '../nouns.ts';
import { readText } from '../read-text.ts';
import { UsageError } from '../usage-error.ts';
import { checkText, pathOf, versionPath, type RuleCheck, type RuleVersion } from './shapes.ts';

/** `rules new`, `edit`, `validate` and `submit`. */
export function registerWork(parent: Command, cli: Cli): void {
  make(parent, cli);
  edit(parent, cli);
  validate(parent, cli);
  submit(parent, cli);
}

function make(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'new <set>',
    'Begin a rule set, which states nothing yet',
    "trueup rules new oracle --title 'How our Oracle contract counts'",
  )
    .requiredOption('--title <text>', 'what it is about')
    .option('--description <text>', 'more of it');
  command.action(async (id: string) => {
    const { title, description = null } = command.opts<{ title: string; description?: string }>();
    const body = { id, title, description };
    const made = await (await cli.api(command)).post<{ readonly id: string }>('/rule-sets', body);
    cli
      .output(command)
      .show(made, () => `Made ${made.id}. Give it a first version: trueup rules edit ${made.id} FILE`); // prettier-ignore
  });
}

function edit(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'edit <set> <file>',
    'Save the version that is worked on, from a file in YAML or JSON (- for standard input)',
    'trueup rules edit oracle oracle-1.1.0.yaml',
  );
  command.action(async (id: string, file: string) => {
    const document = await documentOf(file);
    const api = await cli.api(command);
    const body = { document, seen: await draftHash(api, id) };
    const saved = await api.put<RuleVersion & { readonly check: RuleCheck }>(
      pathOf(id, '/draft'),
      body,
    );
    cli
      .output(command)
      .show(saved, () => `Saved version ${saved.version} of ${id} as a draft.\n${checkText(saved.check)}`); // prettier-ignore
  });
}

/** The hash of the draft that there is; null where nobody works on one. */
async function draftHash(api: ApiClient, id: string): Promise<string | null> {
  const { draft } = await api.get<{ readonly draft: unknown }>(pathOf(id));
  if (draft === null) return null;
  try {
    return (await api.get<RuleVersion>(versionPath(id, 'draft'))).contentHash;
  } catch (error) {
    if (error instanceof NotFoundError) return null;
    throw error;
  }
}

async function documentOf(file: string): Promise<unknown> {
  const text = await readText(file);
  try {
    return parse(text);
  } catch (error) {
    throw new UsageError(`${file} is neither YAML nor JSON: ${error instanceof Error ? error.message : String(error)}`); // prettier-ignore
  }
}

function validate(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'validate <set> [file]',
    'Check a file, or the draft where none is named; ends with 6 where it does not pass',
    'trueup rules validate oracle oracle-1.1.0.yaml',
  );
  command.action(async (id: string, file?: string) => {
    const document = file === undefined ? null : await documentOf(file);
    const path = pathOf(id, ':validate');
    const check = await (await cli.api(command)).post<RuleCheck>(path, { document });
    cli.output(command).show(check, () => checkText(check));
    if (!check.ok) process.exitCode = EXIT.invalid;
  });
}

function submit(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'submit <set>',
    'Hand the draft in for approval by somebody else, once it passes its checks',
    'trueup rules submit oracle',
  );
  command.action(async (id: string) => {
    const path = pathOf(id, '/draft:submit');
    const row = await (await cli.api(command)).post<RuleVersion>(path);
    const { version } = row;
    cli
      .output(command)
      .show(row, () => `Version ${version} of ${id} is handed in. See what it would do: trueup rules shadow ${id} ${version}`); // prettier-ignore
  });
}
