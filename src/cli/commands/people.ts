import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { listVerb, noun, showVerb, verb } from '../nouns.ts';

interface PeopleHold {
  readonly id: string;
  readonly connection: string;
  readonly status: string;
  readonly removals: number;
  readonly activeAccounts: number;
  readonly cap: number;
  readonly openedAt: string;
}

/** `people`: mass deactivations that wait for somebody's word. */
export function register(program: Command, cli: Cli): void {
  const people = noun(
    program,
    'people',
    'Mass deactivations of people that wait for your word',
    'trueup people holds --status open',
  );
  listVerb<PeopleHold>(cli, people, {
    name: 'holds',
    path: '/people-holds',
    description: 'List mass deactivations, newest first',
    example: 'trueup people holds --status open',
    empty: 'No mass deactivation was held back.',
    filters: [
      {
        flags: '--status <status>',
        description: 'open, confirmed, rejected or withdrawn',
        query: 'status',
      },
    ],
    columns: [
      { title: 'ID', value: (row) => row.id },
      { title: 'CONNECTION', value: (row) => row.connection },
      { title: 'PEOPLE', value: (row) => `${row.removals} of ${row.activeAccounts}` },
      { title: 'ALLOWED', value: (row) => String(row.cap) },
      { title: 'STATUS', value: (row) => row.status },
      { title: 'SINCE', value: (row) => row.openedAt },
    ],
  });
  showVerb(cli, people, {
    path: (id) => `/people-holds/${id}`,
    description: 'Show one mass deactivation with its records',
    example: 'trueup people show hld_01j…',
  });
  decision(people, cli, {
    name: 'confirm',
    description: 'Let it through: the accounts end and their seats become free',
    says: (hold) => `${hold.removals} people are let go from ${hold.connection}.`,
  });
  decision(people, cli, {
    name: 'reject',
    description: 'Keep the accounts and their seats until the directory gives them back',
    says: (hold) => `${hold.removals} people of ${hold.connection} stay as they were.`,
  });
}

function decision(
  parent: Command,
  cli: Cli,
  to: {
    readonly name: 'confirm' | 'reject';
    readonly description: string;
    readonly says: (hold: PeopleHold) => string;
  },
): void {
  const command = verb(
    parent,
    `${to.name} <id>`,
    to.description,
    `trueup people ${to.name} hld_01j…`,
  );
  command.action(async (id: string) => {
    const path = `/people-holds/${encodeURIComponent(id)}:${to.name}`;
    const hold = await (await cli.api(command)).post<PeopleHold>(path);
    cli.output(command).show(hold, () => to.says(hold));
  });
}
