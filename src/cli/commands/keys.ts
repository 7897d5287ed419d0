import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { listVerb, noun, verb } from '../nouns.ts';
import { UsageError } from '../usage-error.ts';

interface Key {
  readonly id: string;
  readonly personId: string;
  readonly label: string;
  readonly roles: readonly string[];
  readonly expiresAt: string | null;
  readonly revokedAt: string | null;
  readonly text: string;
}

/** `keys`: API keys. A key's text is shown once. */
export function register(program: Command, cli: Cli): void {
  const keys = noun(program, 'keys', 'API keys', 'trueup keys list');
  listVerb<Key>(cli, keys, {
    path: '/keys',
    description: 'List keys, without their secrets',
    example: 'trueup keys list',
    empty: 'No keys.',
    columns: [
      { title: 'ID', value: (row) => row.id },
      { title: 'PERSON', value: (row) => row.personId },
      { title: 'LABEL', value: (row) => row.label },
      { title: 'ROLES', value: (row) => row.roles.join(', ') },
      { title: 'EXPIRES', value: (row) => row.expiresAt },
      { title: 'REVOKED', value: (row) => row.revokedAt },
    ],
  });
  create(keys, cli);
  const revoke = verb(
    keys,
    'revoke <id>',
    'Refuse a key from now on',
    'trueup keys revoke key_01j…',
  );
  revoke.action(async (id: string) => {
    const key = await (await cli.api(revoke)).post<Key>(`/keys/${encodeURIComponent(id)}:revoke`);
    cli.output(revoke).show(key, () => `${key.id} is revoked.`);
  });
}

function create(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'create',
    'Make a key for a person; its text is shown this once',
    'trueup keys create --person usr_01j… --role viewer',
  )
    .requiredOption('--person <id>', 'whose key it is')
    .option(
      '--role <role>',
      'a part of the person’s roles; all of them when left out; may be given again',
      (value: string, before: readonly string[] | undefined) => [...(before ?? []), value],
    )
    .option('--label <text>', 'what it is for', '')
    .option('--expires <date>', 'the first day on which it is refused, YYYY-MM-DD');
  command.action(async () => {
    const options = command.opts<{
      person: string;
      role?: string[];
      label: string;
      expires?: string;
    }>();
    if (options.expires !== undefined && !/^\d{4}-\d{2}-\d{2}$/.test(options.expires))
      throw new UsageError(`--expires takes a date as YYYY-MM-DD, not "${options.expires}".`);
    const key = await (
      await cli.api(command)
    ).post<Key>('/keys', {
      personId: options.person,
      label: options.label,
      ...(options.role === undefined ? {} : { roles: options.role }),
      ...(options.expires === undefined ? {} : { expiresAt: `${options.expires}T00:00:00Z` }),
    });
    cli.output(command).show(key, () => `${key.text}\nThis is the only time that it is shown.`);
  });
}
