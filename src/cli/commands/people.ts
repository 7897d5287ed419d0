import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { listVerb, noun, showVerb, verb } from '../nouns.ts';
import { registerLinks } from '../people/links.ts';

interface PeopleHold {
  readonly id: string;
  readonly connection: string;
  readonly stream: string | null;
  readonly status: string;
  readonly removals: number;
  readonly activeAccounts: number;
  readonly heldRecords: number | null;
  readonly cap: number;
  readonly openedAt: string;
}

/** `people`: mass deactivations, and records that a source stopped showing, that wait for somebody's word; who a login is. */
export function register(program: Command, cli: Cli): void {
  const people = noun(
    program,
    'people',
    'Mass deactivations and disappearances that wait for your word, and who each login is held to be',
    'trueup people holds --status open',
  );
  listVerb<PeopleHold>(cli, people, {
    name: 'holds',
    path: '/people-holds',
    description: 'List mass deactivations and disappearances, newest first',
    example: 'trueup people holds --status open',
    empty: 'Nothing was held back.',
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
      { title: 'OF', value: (row) => row.stream ?? 'people' },
      {
        title: 'HELD',
        value: (row) => `${row.removals} of ${row.heldRecords ?? row.activeAccounts}`,
      },
      { title: 'ALLOWED', value: (row) => String(row.cap) },
      { title: 'STATUS', value: (row) => row.status },
      { title: 'SINCE', value: (row) => row.openedAt },
    ],
  });
  showVerb(cli, people, {
    path: (id) => `/people-holds/${id}`,
    description: 'Show one of them with its records',
    example: 'trueup people show hld_01j…',
  });
  decision(people, cli, {
    name: 'confirm',
    description: 'Let it through: accounts end and their seats become free, records end',
    says: (hold) =>
      hold.stream === null
        ? `${hold.removals} people are let go from ${hold.connection}.`
        : `${hold.removals} records of ${hold.connection} ${hold.stream} end with the read that was started, if it does not meet them.`,
  });
  decision(people, cli, {
    name: 'reject',
    description: 'Keep accounts, seats and records until the source gives them back',
    says: (hold) =>
      `${hold.removals} ${hold.stream === null ? 'people' : `records of ${hold.stream}`} of ${hold.connection} stay as they were.`,
  });
  registerLinks(people, cli);
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
