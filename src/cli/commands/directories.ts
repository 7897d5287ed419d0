import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { listVerb, noun, verb, wholeNumber } from '../nouns.ts';
import { UsageError } from '../usage-error.ts';

interface Directory {
  readonly id: string;
  readonly status: string;
  readonly users: number;
  readonly groups: number;
  readonly lastPushAt: string | null;
}

interface Token {
  readonly id: string;
  readonly label: string;
  readonly expiresAt: string | null;
  readonly revokedAt: string | null;
  readonly lastUsedAt: string | null;
  readonly text: string;
}

/** `directories`: people directories that their identity provider pushes to `/scim/v2`. */
export function register(program: Command, cli: Cli): void {
  const directories = noun(
    program,
    'directories',
    'Directories that push to us (SCIM 2.0)',
    'trueup directories add entra',
  );
  listVerb<Directory>(cli, directories, {
    path: '/directories',
    description: 'List directories that push to us',
    example: 'trueup directories list',
    empty: 'No directory pushes to us. Add one with: trueup directories add NAME.',
    columns: [
      { title: 'NAME', value: (row) => row.id },
      { title: 'STATUS', value: (row) => row.status },
      { title: 'USERS', value: (row) => String(row.users) },
      { title: 'GROUPS', value: (row) => String(row.groups) },
      { title: 'LAST PUSH', value: (row) => row.lastPushAt },
    ],
  });
  add(directories, cli);
  tokens(directories, cli);
  rotate(directories, cli);
  revoke(directories, cli);
}

function add(parent: Command, cli: Cli): void {
  const command = withToken(
    verb(
      parent,
      'add <name>',
      'Add a directory and make a token for it; its text is shown this once',
      'trueup directories add entra',
    ),
  );
  command.action(async (name: string) => {
    const api = await cli.api(command);
    const added = await api.post<Directory & { readonly token: Token }>('/directories', {
      name,
      ...tokenOf(command),
    });
    cli.output(command).show(added, () => shownOnce(added.token, added.id));
  });
}

function tokens(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'tokens <name>',
    'List the tokens of a directory, without their secrets',
    'trueup directories tokens entra',
  );
  command.action(async (name: string) => {
    const rows = await (await cli.api(command)).list<Token>(`${pathOf(name)}/tokens`, {});
    const columns = [
      { title: 'ID', value: (row: Token) => row.id },
      { title: 'LABEL', value: (row: Token) => row.label },
      { title: 'EXPIRES', value: (row: Token) => row.expiresAt },
      { title: 'REVOKED', value: (row: Token) => row.revokedAt },
      { title: 'LAST USED', value: (row: Token) => row.lastUsedAt },
    ];
    cli.output(command).table(rows, columns, 'No tokens.');
  });
}

function rotate(parent: Command, cli: Cli): void {
  const command = withToken(
    verb(
      parent,
      'rotate <name>',
      'Make another token; the others end at once, or after --overlap',
      'trueup directories rotate entra --overlap 86400',
    ),
  ).option('--overlap <seconds>', 'how long the other tokens still work', '0');
  command.action(async (name: string) => {
    const { overlap } = command.opts<{ overlap: string }>();
    const made = await (
      await cli.api(command)
    ).post<Token>(`${pathOf(name)}/tokens`, {
      ...tokenOf(command),
      endOthersAfterSeconds: wholeNumber(overlap, '--overlap'),
    });
    cli.output(command).show(made, () => shownOnce(made, name));
  });
}

function revoke(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'revoke <name> <token>',
    'Refuse a token from now on',
    'trueup directories revoke entra dtk_01j…',
  );
  command.action(async (name: string, token: string) => {
    const path = `${pathOf(name)}/tokens/${encodeURIComponent(token)}:revoke`;
    const revoked = await (await cli.api(command)).post<Token>(path);
    cli.output(command).show(revoked, () => `${revoked.id} is revoked.`);
  });
}

function pathOf(name: string): string {
  return `/directories/${encodeURIComponent(name)}`;
}

function withToken(command: Command): Command {
  return command
    .option('--label <text>', 'what the token is for', '')
    .option('--expires <date>', 'the first day on which it is refused, YYYY-MM-DD');
}

function tokenOf(command: Command): { readonly label: string; readonly expiresAt?: string } {
  const { label, expires } = command.opts<{ label: string; expires?: string }>();
  if (expires === undefined) return { label };
  if (!/^\d{4}-\d{2}-\d{2}$/.test(expires))
    throw new UsageError(`--expires takes a date as YYYY-MM-DD, not "${expires}".`);
  return { label, expiresAt: `${expires}T00:00:00Z` };
}

function shownOnce(token: Token, directory: string): string {
  return (
    `${token.text}\nThis is the only time that it is shown. Give it to the identity provider of ${directory} as its bearer ` +
    `token, with the address of this server and /scim/v2.`
  );
}
