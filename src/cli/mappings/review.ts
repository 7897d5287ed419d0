import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { listVerb, verb } from '../nouns.ts';
import { CHANGE_COLUMNS, differencesText, type Change, type Difference } from './shapes.ts';

/** `mappings requests`, `request`, `approve`, `return`, `decline`, `withdraw` and `publish`. */
export function registerReview(parent: Command, cli: Cli): void {
  listVerb<Change>(cli, parent, {
    name: 'requests',
    path: '/change-requests',
    description: 'List requests to put mappings in effect, newest first',
    example: 'trueup mappings requests --state waiting',
    empty: 'Nobody has asked for anything.',
    filters: [
      { flags: '--state <state>', description: 'such as waiting or published', query: 'state' },
      { flags: '--mapping <id>', description: 'of this mapping', query: 'mapping' },
    ],
    columns: CHANGE_COLUMNS,
  });
  registerRequest(parent, cli);
  registerApprove(parent, cli);
  registerRefusals(parent, cli);
  registerPublish(parent, cli);
}

function pathOfChange(id: string): string {
  return `/change-requests/${encodeURIComponent(id)}`;
}

function registerRequest(parent: Command, cli: Cli): void {
  interface Detail extends Change {
    readonly differences: readonly Difference[];
    readonly checks: readonly { readonly name: string; readonly detail: string }[];
    readonly comments: readonly { readonly person: string; readonly body: string }[];
  }
  const command = verb(
    parent,
    'request <id>',
    'Show one request: what it changes, its checks, what people said',
    'trueup mappings request chg_01j…',
  );
  command.action(async (id: string) => {
    const change = await (await cli.api(command)).get<Detail>(pathOfChange(id));
    cli
      .output(command)
      .show(change, () =>
        [
          `${change.id}: ${change.kind} of ${change.mappingId}, ${change.state}, by ${change.submittedBy}`,
          `hash ${change.hash}`,
          ...(change.note === '' ? [] : [`note ${change.note}`]),
          ...change.checks.map(({ name, detail }) => `check ${name}: ${detail}`),
          differencesText(change.differences),
          ...change.comments.map(({ person, body }) => `${person}: ${body}`),
        ].join('\n'),
      );
  });
}

function registerApprove(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'approve <id>',
    'Approve exactly the content of this hash; not your own',
    'trueup mappings approve chg_01j… --hash 3f2a…',
  )
    .requiredOption('--hash <hash>', 'the hash of the content that you looked at')
    .option('--publish', 'put it in effect at once');
  command.action(async (id: string) => {
    const { hash, publish } = command.opts<{ hash: string; publish?: boolean }>();
    const api = await cli.api(command);
    let change = await api.post<Change>(`${pathOfChange(id)}:approve`, { hash });
    if (publish === true)
      ({ change } = await api.post<{ change: Change }>(`${pathOfChange(id)}:publish`, {}));
    cli.output(command).show(change, () => `${change.id} is ${change.state}.`);
  });
}

function registerRefusals(parent: Command, cli: Cli): void {
  const refusals = [
    ['return', 'Send a request back to those who wrote it'],
    ['decline', 'Refuse a request'],
  ] as const;
  for (const [name, description] of refusals) {
    const command = verb(
      parent,
      `${name} <id>`,
      description,
      `trueup mappings ${name} chg_01j… --comment "the test is missing"`,
    ).requiredOption('--comment <text>', 'why');
    command.action(async (id: string) => {
      const { comment } = command.opts<{ comment: string }>();
      const change = await (
        await cli.api(command)
      ).post<Change>(`${pathOfChange(id)}:${name}`, { comment });
      cli.output(command).show(change, () => `${change.id} is ${change.state}.`);
    });
  }
  const command = verb(
    parent,
    'withdraw <id>',
    'Take back a request of your own',
    'trueup mappings withdraw chg_01j…',
  );
  command.action(async (id: string) => {
    const change = await (await cli.api(command)).post<Change>(`${pathOfChange(id)}:withdraw`);
    cli.output(command).show(change, () => `${change.id} is ${change.state}.`);
  });
}

function registerPublish(parent: Command, cli: Cli): void {
  interface Published {
    readonly change: Change;
    readonly replays: readonly string[];
    readonly restored: number;
  }
  const command = verb(
    parent,
    'publish <id>',
    'Put an approved request in effect, now or at a time',
    'trueup mappings publish chg_01j… --at 2026-04-01T06:00:00Z',
  )
    .option('--at <instant>', 'when, RFC 3339; now where it is left away')
    .option('--no-replay', 'leave what has landed as it is mapped');
  command.action(async (id: string) => {
    const { at, replay } = command.opts<{ at?: string; replay: boolean }>();
    const body = { ...(at === undefined ? {} : { at }), ...(replay ? {} : { replay }) };
    const done = await (
      await cli.api(command)
    ).post<Published>(`${pathOfChange(id)}:publish`, body);
    cli.output(command).show(done, () => publishedText(done));
  });
}

function publishedText({
  change,
  replays,
}: {
  readonly change: Change;
  readonly replays: readonly string[];
}): string {
  if (change.state === 'scheduled')
    return `${change.id} comes into effect at ${change.publishAt ?? ''}.`;
  const { outcome } = change;
  const lines = [`${change.mappingId} version ${change.publishedVersion ?? ''} is in effect.`];
  if (replays.length > 0) lines.push(`What has landed is mapped again: ${replays.join(', ')}`);
  if (outcome !== null)
    lines.push(
      `${outcome.restored} records are brought back; ${outcome.created} that were made are left for you to cancel, ${outcome.unknown} are not known.`,
    );
  return lines.join('\n');
}
