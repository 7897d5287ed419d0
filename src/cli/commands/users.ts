import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { listVerb, noun, verb } from '../nouns.ts';

interface User {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly roles: readonly string[];
}

/** `users`: the people of the company and their roles. */
export function register(program: Command, cli: Cli): void {
  const users = noun(program, 'users', 'People and their roles', 'trueup users list');
  listVerb<User>(cli, users, {
    path: '/users',
    description: 'List people',
    example: 'trueup users list',
    empty: 'No people.',
    columns: [
      { title: 'ID', value: (row) => row.id },
      { title: 'NAME', value: (row) => row.name },
      { title: 'STATUS', value: (row) => row.status },
      { title: 'ROLES', value: (row) => row.roles.join(', ') },
    ],
  });
  const add = verb(
    users,
    'add <name>',
    'Add a person',
    'trueup users add "Ana Silva" --role approver',
  )
    .requiredOption(
      '--role <role>',
      'viewer, editor, approver, finance, licence-manager, auditor or admin; may be given again',
      (value: string, before: readonly string[] | undefined) => [...(before ?? []), value],
    )
    .option('--email <email>', 'where to reach them');
  add.action(async (name: string) => {
    const { role, email } = add.opts<{ role: string[]; email?: string }>();
    const user = await (
      await cli.api(add)
    ).post<User>('/users', { name, roles: role, ...(email === undefined ? {} : { email }) });
    cli
      .output(add)
      .show(
        user,
        () =>
          `Added ${user.name} as ${user.id}. Make a key with: trueup keys create --person ${user.id}`,
      );
  });
  const disable = verb(
    users,
    'disable <id>',
    'Refuse all of a person’s keys at once',
    'trueup users disable usr_01j…',
  );
  disable.action(async (id: string) => {
    const user = await (
      await cli.api(disable)
    ).post<User>(`/users/${encodeURIComponent(id)}:disable`);
    cli.output(disable).show(user, () => `${user.name} is ${user.status}.`);
  });
}
