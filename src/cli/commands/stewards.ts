import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { listVerb, noun, verb } from '../nouns.ts';

interface Stewardship {
  readonly type: string;
  readonly id: string;
  readonly title: string;
  readonly steward: { readonly id: string; readonly name: string } | null;
  readonly from: string | null;
  readonly reviewDue: string | null;
  readonly unowned: boolean;
  readonly overdue: boolean;
}

/** `stewards`: who answers for products, agreements, mappings and policies. */
export function register(program: Command, cli: Cli): void {
  const stewards = noun(
    program,
    'stewards',
    'Who answers for products, agreements, mappings and policies',
    'trueup stewards list --state unowned',
  );
  listVerb<Stewardship>(cli, stewards, {
    path: '/stewardship',
    description: 'List who answers for what',
    example: 'trueup stewards list --type mapping --state unowned',
    empty: 'There is nothing to answer for.',
    filters: [
      { flags: '--type <type>', description: 'product, agreement, mapping or policy', query: 'type' }, // prettier-ignore
      { flags: '--state <state>', description: 'unowned or overdue', query: 'state' },
    ],
    columns: [
      { title: 'TYPE', value: (row) => row.type },
      { title: 'ID', value: (row) => row.id },
      { title: 'STEWARD', value: (row) => row.steward?.name },
      { title: 'NAMED FOR', value: (row) => row.from },
      { title: 'REVIEW DUE', value: (row) => row.reviewDue },
      { title: 'STATE', value: stateOf },
    ],
  });
  set(stewards, cli);
  clear(stewards, cli);
}

function stateOf({ id, unowned, overdue }: Stewardship): string {
  if (id === '*' && unowned) return '-';
  const states = [...(unowned ? ['unowned'] : []), ...(overdue ? ['overdue'] : [])];
  return states.length === 0 ? 'ok' : states.join(', ');
}

function pathOf(type: string, id: string): string {
  return `/stewardship/${encodeURIComponent(type)}/${encodeURIComponent(id)}`;
}

function set(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'set <type> <id>',
    'Name who answers for a thing; * for all of a type that nobody is named for',
    'trueup stewards set mapping salesforce.account --person usr_01j… --review-due 2026-09-30',
  )
    .requiredOption('--person <id>', 'who; list them with: trueup users list')
    .option('--review-due <date>', 'when it is to be looked at again');
  command.action(async (type: string, id: string) => {
    const { person, reviewDue = null } = command.opts<{ person: string; reviewDue?: string }>();
    const api = await cli.api(command);
    const path = pathOf(type, id);
    const { etag } = await api.tagged<Stewardship>(path);
    const after = await api.change<Stewardship>('PUT', path, etag, { person, reviewDue });
    cli
      .output(command)
      .show(after, () => `${after.steward?.name ?? 'Nobody'} answers for the ${type} ${id}.`);
  });
}

function clear(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'clear <type> <id>',
    'Take back who answers for a thing',
    'trueup stewards clear mapping salesforce.account',
  );
  command.action(async (type: string, id: string) => {
    const api = await cli.api(command);
    const path = pathOf(type, id);
    const { etag } = await api.tagged<Stewardship>(path);
    const after = await api.change<Stewardship>('DELETE', path, etag);
    cli.output(command).show(after, () => `Nobody is named for the ${type} ${id} any more.`);
  });
}
