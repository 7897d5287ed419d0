import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { listVerb, noun, verb } from '../nouns.ts';
import { tableText } from '../output.ts';

interface Hold {
  readonly id: string;
  readonly source: string;
  readonly status: string;
  readonly reasons: readonly string[];
  readonly hash: string;
  readonly intents: number;
  readonly plans: number;
  readonly openedAt: string;
}

interface ShownHold extends Hold {
  readonly writes: readonly { readonly connection: string; readonly object: string; readonly canonicalId: string; readonly state: string }[]; // prettier-ignore
  readonly held: readonly { readonly id: string; readonly status: string; readonly body: { readonly opportunity: { readonly name: string } } }[]; // prettier-ignore
}

/** `holds`: runs that would change more in other systems than is allowed, and wait for somebody's word. */
export function register(program: Command, cli: Cli): void {
  const holds = noun(
    program,
    'holds',
    'Runs that would change more in other systems than is allowed, and wait for your word',
    'trueup holds list --status open',
  );
  listVerb<Hold>(cli, holds, {
    path: '/write-holds',
    description: 'List held runs, newest first',
    example: 'trueup holds list --status open',
    empty: 'No run was held back.',
    filters: [
      { flags: '--status <status>', description: 'open, released or rejected', query: 'status' },
    ],
    columns: [
      { title: 'ID', value: (row) => row.id },
      { title: 'OF', value: (row) => row.source },
      { title: 'RECORDS', value: (row) => row.intents },
      { title: 'PLANS', value: (row) => row.plans },
      { title: 'STATUS', value: (row) => row.status },
      { title: 'HASH', value: (row) => row.hash.slice(0, 12) },
      { title: 'WHY', value: (row) => row.reasons.join(' ') },
    ],
  });
  show(holds, cli);
  release(holds, cli);
  reject(holds, cli);
  restore(holds, cli);
}

function show(parent: Command, cli: Cli): void {
  const command = verb(parent, 'show <id>', 'Show a held run with its list', 'trueup holds show hld_01j…'); // prettier-ignore
  command.action(async (id: string) => {
    const hold = await (await cli.api(command)).get<ShownHold>(`/write-holds/${encodeURIComponent(id)}`); // prettier-ignore
    cli.output(command).show(hold, () => holdText(hold));
  });
}

function holdText(hold: ShownHold): string {
  const rows = [
    ...hold.writes.map((each) => ({ what: `${each.connection} ${each.object}`, of: each.canonicalId, state: each.state })), // prettier-ignore
    ...hold.held.map((each) => ({ what: `plan ${each.id}`, of: each.body.opportunity.name, state: each.status })), // prettier-ignore
  ];
  const columns = [
    { title: 'WHAT', value: (row: (typeof rows)[number]) => row.what },
    { title: 'OF', value: (row: (typeof rows)[number]) => row.of },
    { title: 'STATE', value: (row: (typeof rows)[number]) => row.state },
  ];
  return [`${hold.id} (${hold.source}) is ${hold.status}.`, `Hash ${hold.hash}`, ...hold.reasons, tableText(rows, columns)].join('\n'); // prettier-ignore
}

function release(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'release <id>',
    'Let the run go exactly as it is now: everything in it is sent, its plans are approved',
    "trueup holds release hld_01j… --hash 3f2a… --reason 'as meant'",
  )
    .requiredOption('--hash <hash>', 'the hash of the hold that you looked at')
    .option('--reason <text>', 'why');
  command.action(async (id: string) => {
    const { hash, reason = null } = command.opts<{ hash: string; reason?: string }>();
    await decide(command, cli, `${encodeURIComponent(id)}:release`, { hash, reason });
  });
}

function reject(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'reject <id>',
    'Drop the run: nothing of it is sent',
    "trueup holds reject hld_01j… --reason 'a mistake'",
  ).option('--reason <text>', 'why');
  command.action(async (id: string) => {
    const { reason = null } = command.opts<{ reason?: string }>();
    await decide(command, cli, `${encodeURIComponent(id)}:reject`, { reason });
  });
}

async function decide(command: Command, cli: Cli, path: string, body: object): Promise<void> {
  const hold = await (await cli.api(command)).post<Hold>(`/write-holds/${path}`, body);
  cli.output(command).show(hold, () => `${hold.id} is ${hold.status}.`);
}

function restore(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'restore <id>',
    'Draw up the plan that takes a released run back',
    'trueup holds restore hld_01j…',
  );
  command.action(async (id: string) => {
    const api = await cli.api(command);
    const plan = await api.post<{ readonly id: string; readonly status: string }>(
      `/write-holds/${encodeURIComponent(id)}:restore`,
    );
    cli
      .output(command)
      .show(plan, () => `${plan.id} is ${plan.status}. Look at it with: trueup plans show ${plan.id}`); // prettier-ignore
  });
}
