import { Option, type Command } from 'commander';
import type { Cli } from '../cli.ts';
import { noun, verb } from '../nouns.ts';
import type { Column } from '../output.ts';

interface Mode {
  readonly scope: string;
  readonly ref: string;
  readonly mode: string;
  readonly reason: string | null;
  readonly setBy: string;
}

interface Observed {
  readonly connection: string;
  readonly object: string;
  readonly canonicalId: string;
  readonly mode: string;
  readonly because: string;
  readonly worth: { readonly amount: string; readonly currency: string } | null;
}

const COLUMNS: readonly Column<Mode>[] = [
  { title: 'SCOPE', value: (row) => row.scope },
  { title: 'OF', value: (row) => row.ref },
  { title: 'MODE', value: (row) => row.mode },
  { title: 'REASON', value: (row) => row.reason },
  { title: 'BY', value: (row) => row.setBy },
];
const EMPTY = 'Nothing is set: everything is written.';

/** `modes`: how far connections, agreements and products go, so that a roll-out can start narrow. */
export function register(program: Command, cli: Cli): void {
  const modes = noun(
    program,
    'modes',
    'How far connections, agreements and products go: observe, propose or write',
    'trueup modes set connection erp propose',
  );
  const list = verb(modes, 'list', 'List what is set', 'trueup modes list');
  list.action(async () => {
    const { data } = await (await cli.api(list)).get<{ readonly data: readonly Mode[] }>('/write-modes'); // prettier-ignore
    cli.output(list).table(data, COLUMNS, EMPTY);
  });
  set(modes, cli);
  const clear = verb(modes, 'clear <scope> <ref>', 'Take a setting away', 'trueup modes clear product SKU-1'); // prettier-ignore
  clear.action((scope: string, ref: string) => put(clear, cli, { scope, ref, mode: null }));
  observed(modes, cli);
}

function set(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'set <scope> <ref> <mode>',
    'Set how far a connection, an agreement (its id in the CRM) or a product (its SKU) goes',
    'trueup modes set product SKU-1 observe',
  ).addOption(new Option('--reason <text>', 'why'));
  command.action((scope: string, ref: string, mode: string) =>
    put(command, cli, { scope, ref, mode, ...command.opts<{ reason?: string }>() }),
  );
}

async function put(command: Command, cli: Cli, body: object): Promise<void> {
  const { data } = await (await cli.api(command)).put<{ readonly data: readonly Mode[] }>('/write-modes', body); // prettier-ignore
  cli.output(command).table(data, COLUMNS, EMPTY);
}

function observed(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'observed',
    'List what runs would have written, most money first',
    'trueup modes observed',
  );
  command.action(async () => {
    const { data } = await (await cli.api(command)).get<{ readonly data: readonly Observed[] }>('/observed-effects'); // prettier-ignore
    const columns: readonly Column<Observed>[] = [
      { title: 'WHAT', value: (row) => `${row.connection} ${row.object}` },
      { title: 'OF', value: (row) => row.canonicalId },
      { title: 'WORTH', value: (row) => (row.worth === null ? null : `${row.worth.amount} ${row.worth.currency}`) }, // prettier-ignore
      { title: 'MODE', value: (row) => `${row.mode} (${row.because})` },
    ];
    cli.output(command).table(data, columns, 'Nothing is held back by a mode.');
  });
}
