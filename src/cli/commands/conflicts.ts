import { Option, type Command } from 'commander';
import type { Cli } from '../cli.ts';
import { listVerb, noun, showVerb, verb } from '../nouns.ts';
import { UsageError } from '../usage-error.ts';

interface Conflict {
  readonly id: string;
  readonly connection: string;
  readonly object: string;
  readonly field: string;
  readonly agreed: { readonly ours: unknown; readonly theirs: unknown } | null;
  readonly ours: unknown;
  readonly theirs: unknown;
  readonly state: string;
  readonly owner: string | null;
  readonly dueAt: string;
}

/** `conflicts`: fields that both sides changed since they last agreed, for a person to decide. */
export function register(program: Command, cli: Cli): void {
  const conflicts = noun(
    program,
    'conflicts',
    'Fields that both sides changed since they last agreed',
    'trueup conflicts list --state open',
  );
  listVerb<Conflict>(cli, conflicts, {
    path: '/conflicts',
    description: 'List conflicts, newest first',
    example: 'trueup conflicts list --state open',
    empty: 'No conflicts.',
    filters: [
      { flags: '--state <state>', description: 'open, resolved or vanished', query: 'state' },
      { flags: '--connection <name>', description: 'only of this system', query: 'connection' },
      { flags: '--object <object>', description: 'only of this object', query: 'object' },
      { flags: '--field <field>', description: 'only of this field', query: 'field' },
    ],
    columns: [
      { title: 'ID', value: (row) => row.id },
      { title: 'SYSTEM', value: (row) => row.connection },
      { title: 'FIELD', value: (row) => `${row.object}.${row.field}` },
      { title: 'AGREED', value: (row) => (row.agreed === null ? null : shown(row.agreed.theirs)) },
      { title: 'OURS', value: (row) => shown(row.ours) },
      { title: 'THEIRS', value: (row) => shown(row.theirs) },
      { title: 'STATE', value: (row) => row.state },
      { title: 'OWNER', value: (row) => row.owner },
      { title: 'DUE', value: (row) => row.dueAt.slice(0, 10) },
    ],
  });
  showVerb(cli, conflicts, {
    path: (id) => `/conflicts/${id}`,
    description: 'Show one conflict from all three sides',
    example: 'trueup conflicts show cfl_01j…',
  });
  resolve(conflicts, cli);
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

const RULES = [
  'prefer-source-unless-blank',
  'source-wins',
  'target-wins',
  'latest-wins',
  'ask',
  'dont-sync',
];

function resolve(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'resolve <id>',
    'Take our value, theirs, or another one',
    'trueup conflicts resolve cfl_01j… --take theirs --rule target-wins',
  )
    .addOption(new Option('--take <side>', 'whose value').choices(['ours', 'theirs']))
    .option('--value <value>', 'another value; JSON, or else text')
    .addOption(
      new Option('--rule <rule>', 'make this the rule of the field, as a draft').choices(RULES),
    )
    .option('--alike', 'the same for every open conflict of this field');
  command.action(async (id: string) => {
    const { take, value, rule, alike } = command.opts<{
      take?: string;
      value?: string;
      rule?: string;
      alike?: boolean;
    }>();
    if ((take === undefined) === (value === undefined))
      throw new UsageError('Say --take ours, --take theirs or --value V.');
    const body = {
      ...(value === undefined ? { take } : { take: 'value', value: parsed(value) }),
      ...(rule === undefined ? {} : { rule }),
      ...(alike === true ? { alike } : {}),
    };
    const api = await cli.api(command);
    const path = `/conflicts/${encodeURIComponent(id)}:resolve`;
    const answer = await api.post<{
      resolved: number;
      draft: { mappingId: string; revision: number } | null;
    }>(path, body);
    cli.output(command).show(answer, () => {
      const { draft, resolved } = answer;
      const said = resolved === 1 ? `${id} is resolved.` : `${resolved} conflicts are resolved.`;
      if (draft === null) return said;
      return `${said} The rule is in the draft of ${draft.mappingId}: trueup mappings submit ${draft.mappingId}`;
    });
  });
}

function parsed(value: string): unknown {
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}
