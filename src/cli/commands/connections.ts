import type { Command } from 'commander';
import { secretsOf, settingsOf } from '../assignments.ts';
import type { Cli } from '../cli.ts';
import { budgetVerb } from '../connection-budget.ts';
import { schemaVerb } from '../connection-schema.ts';
import { EXIT } from '../exit-code.ts';
import { UsageError } from '../usage-error.ts';
import { listVerb, noun, showVerb, verb } from '../nouns.ts';

interface Connection {
  readonly id: string;
  readonly connector: string;
  readonly mode: string;
  readonly status: string;
  readonly checks: readonly {
    readonly name: string;
    readonly ok: boolean;
    readonly detail: string;
    readonly fix: string | null;
  }[];
}

const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value];
const path = (name: string): string => `/connections/${encodeURIComponent(name)}`;

/** `connections`: the systems that Trueup is connected to. */
export function register(program: Command, cli: Cli): void {
  const connections = noun(
    program,
    'connections',
    'Systems that Trueup is connected to',
    'trueup connections list',
  );
  add(connections, cli);
  listVerb<Connection>(cli, connections, {
    path: '/connections',
    description: 'List the connections',
    example: 'trueup connections list',
    empty: 'No connections yet. Add one with: trueup connections add <connector> --name <name>',
    columns: [
      { title: 'NAME', value: (row) => row.id },
      { title: 'CONNECTOR', value: (row) => row.connector },
      { title: 'MODE', value: (row) => row.mode },
      { title: 'STATUS', value: (row) => row.status },
    ],
  });
  showVerb(cli, connections, {
    path: (id) => `/connections/${id}`,
    description: 'Show one connection',
    example: 'trueup connections show crm',
  });
  check(connections, cli);
  describe(connections, cli);
  change(connections, cli);
  set(connections, cli);
  remove(connections, cli);
  rotate(connections, cli);
  budgetVerb(connections, cli);
  schemaVerb(connections, cli);
}

function add(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'add <connector>',
    'Add a connection, read-only, after signing in with it',
    'trueup connections add salesforce --name crm --set clientId=3MVG9… --set username=hub@example.com --secret privateKey=@key.pem',
  )
    .requiredOption('--name <name>', 'its name: lower-case letters, digits and hyphens')
    .option('--set <key=value>', 'a setting; may be given again', collect, [])
    .option('--secret <key=@file|key=env:NAME>', 'a secret, from a file or a variable', collect, [])
    .option('--allow-private-network', 'allow addresses of private networks and this machine')
    .option('--no-check', 'keep it without signing in')
    .option('--force', 'keep it even if nobody can sign in or read now');
  command.action(async (connector: string) => {
    const options = command.opts<{
      name: string;
      set: string[];
      secret: string[];
      allowPrivateNetwork?: boolean;
      check: boolean;
      force?: boolean;
    }>();
    const secrets = await secretsOf(options.secret);
    const added = await (
      await cli.api(command)
    ).post<Connection>('/connections', {
      connector,
      name: options.name,
      config: settingsOf(options.set),
      secrets,
      allowPrivateNetwork: options.allowPrivateNetwork === true,
      check: options.check,
      force: options.force === true,
    });
    cli
      .output(command)
      .show(added, () => `Added ${added.id} (${added.connector}), ${added.mode}. ${told(added)}`);
  });
}

function told(connection: Connection): string {
  const failed = connection.checks.filter((each) => !each.ok);
  if (failed.length === 0) return `All ${connection.checks.length} checks passed.`;
  return [
    `${failed.length} of ${connection.checks.length} checks failed:`,
    ...failed.map(
      (each) => `  ${each.name}: ${each.detail}${each.fix === null ? '' : `\n    ${each.fix}`}`,
    ),
  ].join('\n');
}

function check(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'check <name>',
    'Sign in, and name every field, right or limit that is missing',
    'trueup connections check crm',
  ).alias('test');
  command.action(async (name: string) => {
    const checked = await (await cli.api(command)).post<Connection>(`${path(name)}:check`);
    cli.output(command).show(checked, () => told(checked));
    if (checked.checks.some((each) => !each.ok)) process.exitCode = EXIT.invalid;
  });
}

function describe(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'describe <name> [object]',
    'List the objects of a system, or the fields of one',
    'trueup connections describe crm Opportunity',
  );
  command.action(async (name: string, object: string | undefined) => {
    const api = await cli.api(command);
    if (object === undefined) {
      const objects = await api.list<{
        object: string;
        title: string;
        reads: boolean;
        writes: boolean;
      }>(`${path(name)}/objects`);
      cli.output(command).table(objects, [{ title: 'OBJECT', value: (row) => row.object }, { title: 'TITLE', value: (row) => row.title }, { title: 'READS', value: (row) => row.reads }, { title: 'WRITES', value: (row) => row.writes }], 'No objects.'); // prettier-ignore
      return;
    }
    const described = await api.get<{
      fields: { name: string; label: string; type: string; required: boolean; custom: boolean }[];
    }>(`${path(name)}/objects/${encodeURIComponent(object)}`);
    const output = cli.output(command);
    output.show(described, () => '');
    if (command.optsWithGlobals<{ json?: boolean }>().json === true) return;
    output.table(described.fields, [{ title: 'FIELD', value: (row) => row.name }, { title: 'LABEL', value: (row) => row.label }, { title: 'TYPE', value: (row) => row.type }, { title: 'REQUIRED', value: (row) => row.required }], 'No fields.'); // prettier-ignore
  });
}

const CHANGES = [
  ['enable-writes', 'Let Trueup write to this system', { mode: 'read-write' }],
  ['disable-writes', 'Read only from now on; what is planned waits', { mode: 'read-only' }],
  ['pause', 'Neither read nor write until it is resumed', { paused: true }],
  ['resume', 'Go on after a pause', { paused: false }],
] as const;

function change(parent: Command, cli: Cli): void {
  for (const [name, description, body] of CHANGES) {
    const command = verb(parent, `${name} <name>`, description, `trueup connections ${name} crm`);
    command.action(async (connection: string) => {
      const changed = await (await cli.api(command)).patch<Connection>(path(connection), body);
      cli
        .output(command)
        .show(changed, () => `${changed.id} is ${changed.mode} and ${changed.status}.`);
    });
  }
}

function set(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'set <name>',
    'Change settings of a connection after signing in with them; the others stay',
    'trueup connections set crm --set loginUrl=https://example.my.salesforce.com',
  )
    .option(
      '--set <key=value>',
      'a setting; may be given again; key=null takes it away',
      collect,
      [],
    )
    .option('--allow-private-network', 'allow addresses of private networks and this machine')
    .option('--no-allow-private-network', 'allow public addresses only')
    .option('--no-check', 'keep them without signing in')
    .option('--force', 'keep them even if nobody can sign in or read now');
  command.action(async (name: string) => {
    const options = command.opts<{
      set: string[];
      allowPrivateNetwork?: boolean;
      check: boolean;
      force?: boolean;
    }>();
    const { allowPrivateNetwork } = options;
    if (options.set.length === 0 && allowPrivateNetwork === undefined) {
      throw new UsageError('Nothing to change. Give --set key=value or --allow-private-network.');
    }
    const settings = Object.entries(settingsOf(options.set));
    const changed = await (
      await cli.api(command)
    ).patch<Connection>(path(name), {
      config: Object.fromEntries(
        settings.map(([key, value]) => [key, value === 'null' ? null : value]),
      ),
      ...(allowPrivateNetwork === undefined ? {} : { allowPrivateNetwork }),
      check: options.check,
      force: options.force === true,
    });
    cli.output(command).show(changed, () => `Changed ${changed.id}. ${told(changed)}`);
  });
}

function remove(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'remove <name>',
    'Remove a connection for good; what it read stays, and its name is not free again',
    'trueup connections remove crm',
  ).option(
    '--give-up <reason>',
    'its system is gone: end the writes of which nobody knows what became, and say why',
  );
  command.action(async (name: string) => {
    const { giveUp } = command.opts<{ giveUp?: string }>();
    const query = giveUp === undefined ? '' : `?${new URLSearchParams({ giveUp }).toString()}`;
    const removed = await (await cli.api(command)).delete<Connection>(`${path(name)}${query}`);
    cli
      .output(command)
      .show(removed, () => `Removed ${removed.id}. What it read can still be traced.`);
  });
}

function rotate(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'rotate <name>',
    'Replace secrets of a connection',
    'trueup connections rotate crm --secret privateKey=@new.pem',
  )
    .option('--secret <key=@file|key=env:NAME>', 'a secret, from a file or a variable', collect, [])
    .option('--no-check', 'keep them without signing in');
  command.action(async (name: string) => {
    const options = command.opts<{ secret: string[]; check: boolean }>();
    const rotated = await (
      await cli.api(command)
    ).post<Connection>(`${path(name)}:rotate`, {
      secrets: await secretsOf(options.secret),
      check: options.check,
    });
    cli
      .output(command)
      .show(rotated, () => `New secrets of ${rotated.id} are in use. ${told(rotated)}`);
  });
}
