import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { listVerb, noun, verb } from '../nouns.ts';

interface User {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly roles: readonly string[];
}

const ROLES =
  'viewer, editor, approver, finance, licence-manager, auditor or admin; may be given again';
const collect = (value: string, before: readonly string[] | undefined): readonly string[] => [
  ...(before ?? []),
  value,
];

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
    .requiredOption('--role <role>', ROLES, collect)
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
  changes(users, cli);
}

function changes(users: Command, cli: Cli): void {
  const path = (id: string): string => `/users/${encodeURIComponent(id)}`;
  const setRoles = verb(
    users,
    'set-roles <id>',
    'Replace the roles of a person; their keys lose at once what is no longer among them',
    'trueup users set-roles usr_01j… --role viewer --role approver',
  ).requiredOption('--role <role>', ROLES, collect);
  setRoles.action(async (id: string) => {
    const { role } = setRoles.opts<{ role: string[] }>();
    const user = await (await cli.api(setRoles)).patch<User>(path(id), { roles: role });
    cli.output(setRoles).show(user, () => `${user.name} is ${user.roles.join(', ')}.`);
  });
  const enable = verb(
    users,
    'enable <id>',
    'Let a disabled person in again',
    'trueup users enable usr_01j…',
  );
  enable.action(async (id: string) => {
    const user = await (await cli.api(enable)).patch<User>(path(id), { status: 'active' });
    cli.output(enable).show(user, () => `${user.name} is ${user.status}.`);
  });
}
