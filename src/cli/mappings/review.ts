import { setTimeout as delay } from 'node:timers/promises';
import type { Command } from 'commander';
import type { ApiClient } from '../api-client.ts';
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
    readonly restored: {
      readonly records: number;
      readonly settled: number;
      readonly changedSince: number;
    } | null;
    readonly cancellation: OfferedPlan | null;
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
          ...(change.restored === null
            ? []
            : [
                `restored ${change.restored.settled} of ${change.restored.records} records; ${change.restored.changedSince} with fields that were changed since and kept`,
              ]),
          ...(change.cancellation === null
            ? []
            : [`cancellation ${change.cancellation.id}, ${change.cancellation.status}`]),
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
    const made = done.change.outcome?.created ?? 0;
    const plan = made === 0 ? null : await cancellationOf(await cli.api(command), id);
    cli.output(command).show({ ...done, cancellation: plan }, () => publishedText(done, plan));
  });
}

interface OfferedPlan {
  readonly id: string;
  readonly status: string;
}

const TRIES = 20;
const TRY_EVERY_MS = 250;

/** The plan that offers for cancellation what was made: it is drawn up at once, from what the systems show. */
async function cancellationOf(api: ApiClient, id: string): Promise<OfferedPlan | null> {
  for (let at = 0; at < TRIES; at += 1) {
    const { cancellation } = await api.get<{ cancellation: OfferedPlan | null }>(pathOfChange(id));
    if (cancellation !== null) return cancellation;
    await delay(TRY_EVERY_MS);
  }
  return null;
}

function publishedText(
  { change, replays }: { readonly change: Change; readonly replays: readonly string[] },
  plan: OfferedPlan | null,
): string {
  if (change.state === 'scheduled')
    return `${change.id} comes into effect at ${change.publishAt ?? ''}.`;
  const { outcome } = change;
  const lines = [`${change.mappingId} version ${change.publishedVersion ?? ''} is in effect.`];
  if (replays.length > 0) lines.push(`What has landed is mapped again: ${replays.join(', ')}`);
  if (outcome !== null)
    lines.push(
      `${outcome.restored} records are brought back, but for what somebody changed since: trueup mappings restored ${change.id}`,
    );
  if (outcome !== null && outcome.unknown > 0)
    lines.push(`Of ${outcome.unknown} records nobody knows what they were; they are left alone.`);
  if (outcome !== null && outcome.created > 0)
    lines.push(
      plan === null
        ? `${outcome.created} records that were made are offered for cancellation: trueup mappings request ${change.id}`
        : `${outcome.created} records that were made are offered for cancellation: trueup plans show ${plan.id} (${plan.status})`,
    );
  return lines.join('\n');
}
