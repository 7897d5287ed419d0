import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { EXIT } from '../exit-code.ts';
import { listVerb, verb } from '../nouns.ts';

interface SeatRequest {
  readonly id: string;
  readonly connection: string;
  readonly userName: string;
  readonly product: string;
  readonly status: string;
  readonly answer: { readonly verdict: string; readonly reason: string };
  readonly askedBy: string;
  readonly heldUntil: string | null;
}

/** `seats request`, `requests`, `approve` and `decline`. */
export function registerSeatRequests(parent: Command, cli: Cli): void {
  ask(parent, cli);
  listVerb<SeatRequest>(cli, parent, {
    name: 'requests',
    path: '/seat-requests',
    description: 'List the seats that were asked for, newest first',
    example: 'trueup seats requests --status waiting',
    empty: 'Nobody has asked for a seat.',
    filters: [
      { flags: '--status <status>', description: 'granted, waiting, blocked, declined or ended', query: 'status' },
      { flags: '--product <sku>', description: 'only of this product', query: 'product' },
    ],
    columns: [
      { title: 'ID', value: (row) => row.id },
      { title: 'PRODUCT', value: (row) => row.product },
      { title: 'CONNECTION', value: (row) => row.connection },
      { title: 'LOGIN', value: (row) => row.userName },
      { title: 'STATUS', value: (row) => row.status },
      { title: 'WHY', value: (row) => row.answer.reason },
    ],
  }); // prettier-ignore
  decide(parent, cli, 'approve', 'Grant a seat that somebody else asked for');
  decide(parent, cli, 'decline', 'Decline a seat that somebody else asked for');
}

function ask(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'request',
    'Ask for a seat; ends with 3 where the limit of its pool refuses it',
    'trueup seats request --person E10001 --product FIG-ORG --connection figma',
  )
    .requiredOption('--person <who>', 'who needs it: number, address or login')
    .requiredOption('--product <sku>', 'of which product')
    .requiredOption('--connection <name>', 'in which system')
    .option('--reason <text>', 'why');
  command.action(async () => {
    const given = command.opts<Readonly<Record<string, string>>>();
    const row = await (await cli.api(command)).post<SeatRequest>('/seat-requests', given);
    cli.output(command).show(row, () => wordsOf(row));
    if (row.status === 'blocked') process.exitCode = EXIT.forbidden;
  });
}

function wordsOf({ id, status, answer, heldUntil }: SeatRequest): string {
  const next: Readonly<Record<string, string>> = {
    granted: `Its right is held for it until ${heldUntil ?? 'it is seen'}.`,
    waiting: `Somebody else decides: trueup seats approve ${id}`,
  };
  const words = answer.verdict === 'warned' && status === 'granted' ? 'granted, with a warning' : status; // prettier-ignore
  return [`${id} is ${words}.`, answer.reason, ...(next[status] ?? '').split('\n')]
    .filter((line) => line !== '')
    .join('\n');
}

function decide(
  parent: Command,
  cli: Cli,
  action: 'approve' | 'decline',
  description: string,
): void {
  const command = verb(parent, `${action} <id>`, description, `trueup seats ${action} srq_01j…`);
  command.option('--reason <text>', 'why');
  command.action(async (id: string) => {
    const { reason = null } = command.opts<{ reason?: string }>();
    const path = `/seat-requests/${encodeURIComponent(id)}:${action}`;
    const row = await (await cli.api(command)).post<SeatRequest>(path, { reason });
    cli.output(command).show(row, () => `${row.id} is ${row.status}.`);
  });
}
