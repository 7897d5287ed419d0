import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { listVerb, noun, showVerb, verb } from '../nouns.ts';
import { deliveriesVerb, replayVerb } from '../webhooks/deliveries.ts';
import { endpointPath, type Endpoint } from '../webhooks/shapes.ts';
import { testVerb } from '../webhooks/test.ts';
import { verifyVerb } from '../webhooks/verify.ts';

const ONCE = 'This is the only time that it is shown.';
const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value];

/** `webhooks`: where events are sent. */
export function register(program: Command, cli: Cli): void {
  const webhooks = noun(
    program,
    'webhooks',
    'Addresses to which what happens is sent, signed (Standard Webhooks)',
    'trueup webhooks list',
  );
  listVerb<Endpoint>(cli, webhooks, {
    path: '/webhook-endpoints',
    description: 'List the endpoints',
    example: 'trueup webhooks list',
    empty: 'No endpoints yet. Add one with: trueup webhooks add <url>',
    columns: [
      { title: 'ID', value: (row) => row.id },
      { title: 'URL', value: (row) => row.url },
      { title: 'STATUS', value: (row) => row.status },
      { title: 'WAITING', value: (row) => row.waiting },
      { title: 'FAILED', value: (row) => row.failed },
      { title: 'LAST DELIVERED', value: (row) => row.deliveredAt },
    ],
  });
  add(webhooks, cli);
  showVerb(cli, webhooks, {
    path: (id) => `/webhook-endpoints/${id}`,
    description: 'Show one endpoint',
    example: 'trueup webhooks show whe_01j…',
  });
  turn(webhooks, cli, { name: 'pause', to: 'paused', description: 'Keep events back until it goes on', says: 'Events wait for it, each for 30 days.' }); // prettier-ignore
  turn(webhooks, cli, { name: 'resume', to: 'active', description: 'Send again, also to one that was disabled', says: 'What waits is sent now; what it missed while disabled: trueup webhooks replay.' }); // prettier-ignore
  testVerb(webhooks, cli);
  deliveriesVerb(webhooks, cli);
  replayVerb(webhooks, cli);
  rotate(webhooks, cli);
  remove(webhooks, cli);
  verifyVerb(webhooks, cli);
}

function add(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'add <url>',
    'Send events to an address; its signing secret is shown this once',
    'trueup webhooks add https://example.com/hooks/trueup --event plan.applied --event conflict.opened',
  )
    .option('--event <type>', 'only events of this type; may be given again', collect, [])
    .option('--description <text>', 'what it is for', '')
    .option('--allow-private-network', 'allow an address of a private network or this machine');
  command.action(async (url: string) => {
    const options = command.opts<{
      event: string[];
      description: string;
      allowPrivateNetwork?: boolean;
    }>();
    const added = await (
      await cli.api(command)
    ).post<Endpoint & { readonly secret: string }>('/webhook-endpoints', {
      url,
      types: options.event,
      description: options.description,
      allowPrivateNetwork: options.allowPrivateNetwork === true,
    });
    cli
      .output(command)
      .show(added, () => `Added ${added.id}. It signs with:\n${added.secret}\n${ONCE}`);
  });
}

function turn(
  parent: Command,
  cli: Cli,
  to: {
    readonly name: string;
    readonly to: 'active' | 'paused';
    readonly description: string;
    readonly says: string;
  },
): void {
  const command = verb(
    parent,
    `${to.name} <id>`,
    to.description,
    `trueup webhooks ${to.name} whe_01j…`,
  );
  command.action(async (id: string) => {
    const endpoint = await (
      await cli.api(command)
    ).patch<Endpoint>(endpointPath(id), { status: to.to });
    cli.output(command).show(endpoint, () => `${endpoint.id} is ${endpoint.status}. ${to.says}`);
  });
}

function rotate(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'rotate <id>',
    'Make a new signing secret, shown this once; the one before signs as well for 24 hours',
    'trueup webhooks rotate whe_01j…',
  ).option('--now', 'also while the secret before still signs, which ends it at once');
  command.action(async (id: string) => {
    const { now = false } = command.opts<{ now?: boolean }>();
    const endpoint = await (
      await cli.api(command)
    ).post<Endpoint & { readonly secret: string }>(`${endpointPath(id)}:rotate-secret`, { now });
    cli
      .output(command)
      .show(
        endpoint,
        () =>
          `${endpoint.secret}\n${ONCE} Until ${endpoint.previousUntil ?? 'now'} the one before signs as well.`,
      );
  });
}

function remove(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'remove <id>',
    'Take an endpoint away with its secret and its history',
    'trueup webhooks remove whe_01j…',
  );
  command.action(async (id: string) => {
    const endpoint = await (await cli.api(command)).delete<Endpoint>(endpointPath(id));
    cli
      .output(command)
      .show(endpoint, () => `${endpoint.id} is removed; ${endpoint.waiting} events were not sent.`);
  });
}
