import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { listVerb, noun, verb } from '../nouns.ts';
import { registerSeatRequests } from '../seats/requests.ts';

interface Seat {
  readonly connection: string;
  readonly userRef: string;
  readonly personKey: string | null;
  readonly product: string;
}

interface SeatPlan {
  readonly id: string;
  readonly hash: string;
  readonly status: string;
  readonly body: {
    readonly opportunity: { readonly name: string };
    readonly notes: readonly string[];
    readonly problems: readonly { readonly message: string }[];
    readonly seats: {
      readonly lines: readonly {
        readonly connection: string;
        readonly userRef: string;
        readonly product: string | null;
        readonly becomes: string;
      }[];
    };
  };
}

const ACTIONS = [
  ['reclaim', 'reclaim', 'Take seats back'],
  ['reassign', 'reassign', 'Take a seat back and give it to another person'],
  ['hold', 'hold', 'Keep seats for their people and switch them off'],
  ['restore', 'release', 'Bring back what an applied plan about seats changed'],
] as const;

/** `seats`: who holds what in bought software, and what is done about it. */
export function register(program: Command, cli: Cli): void {
  const seats = noun(
    program,
    'seats',
    'Seats that your people hold in bought software: see, reclaim, reassign, hold, restore',
    'trueup seats reclaim --person E10001 --product FIG-ORG',
  );
  listVerb<Seat>(cli, seats, {
    path: '/seats',
    description: 'List the seats that people hold today',
    example: 'trueup seats list --product FIG-ORG',
    empty: 'No seats. They come with the pull of a system that gives some.',
    filters: [
      { flags: '--person <who>', description: 'number, address or login', query: 'person' },
      { flags: '--product <sku>', description: 'only of this product', query: 'product' },
      { flags: '--connection <name>', description: 'only of this system', query: 'connection' },
    ],
    columns: [
      { title: 'CONNECTION', value: (row) => row.connection },
      { title: 'LOGIN', value: (row) => row.userRef },
      { title: 'PERSON', value: (row) => row.personKey },
      { title: 'PRODUCT', value: (row) => row.product },
    ],
  });
  for (const [name, action, description] of ACTIONS) act(seats, cli, { name, action, description });
  registerSeatRequests(seats, cli);
}

interface Options {
  readonly person?: string;
  readonly product?: string;
  readonly connection?: string;
  readonly finding?: readonly string[];
  readonly to?: string;
  readonly plan?: string;
  readonly reason?: string;
  readonly apply?: boolean;
}

function act(
  parent: Command,
  cli: Cli,
  { name, action, description }: { readonly name: string; readonly action: string; readonly description: string }, // prettier-ignore
): void {
  const command =
    verb(parent, name, description, `trueup seats ${name} --person E10001 --product FIG-ORG`) // prettier-ignore
      .option('--person <who>', 'whose: number, address, login or person key')
      .option('--product <sku>', 'of which product')
      .option('--connection <name>', 'in which system')
      .option('--reason <text>', 'why; kept with the plan')
      .option('--apply', 'carry it out at once where that needs nobody else’s word');
  if (action === 'release') command.option('--plan <id>', 'the applied plan to take back');
  else command.option('--finding <id...>', 'the seats that these findings are about');
  if (action === 'reassign') command.requiredOption('--to <who>', 'who gets the seat');
  command.action(async () => {
    const { finding, apply = false, ...options } = command.opts<Options>();
    const body = { ...options, action, apply, ...(finding === undefined ? {} : { findings: finding }) }; // prettier-ignore
    const plan = await (await cli.api(command)).post<SeatPlan>('/seat-actions', body);
    cli.output(command).show(plan, () => wordsOf(plan).join('\n'));
  });
}

function wordsOf({ id, hash, status, body }: SeatPlan): readonly string[] {
  const lines = body.seats.lines.map(
    ({ connection, userRef, product, becomes }) =>
      `  ${connection} ${userRef}${product === null ? '' : ` ${product}`}: ${becomes}`,
  );
  const next: Readonly<Record<string, string>> = {
    waiting: `It waits for somebody who may approve plans: trueup plans approve ${id} --hash ${hash} --apply`,
    approved: `It is being carried out. Follow it with: trueup plans show ${id}`,
    blocked: 'Nothing of it can be done.',
  };
  const told = body.notes.length === 0 ? body.problems.map(({ message }) => message) : body.notes;
  return [
    `${id} ${body.opportunity.name}: ${status}`,
    ...lines,
    ...told,
    next[status] ?? `See: trueup plans show ${id}`,
  ];
}
