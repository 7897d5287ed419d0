import { beforeAll, expect, test } from '@jest/globals';
import { Command, type Option } from 'commander';
import type { ApiClient, Query } from '../../src/cli/api-client.ts';
import type { Cli } from '../../src/cli/cli.ts';
import { loadCommands, type RegisterCommand } from '../../src/cli/load-commands.ts';
import type { Route } from '../../src/http/define-route.ts';
import { loadRoutes } from '../../src/http/load-routes.ts';

// The command line is a client of the API: whatever it asks for first is something that the API has.

/** What a command asked for first. */
interface Call {
  readonly method: string;
  readonly path: string;
  readonly query: Query;
}

let routes: readonly Route[];
let registers: readonly RegisterCommand[];
beforeAll(async () => {
  routes = await loadRoutes();
  registers = await loadCommands();
});

class Asked extends Error {
  readonly call: Call;
  constructor(call: Call) {
    super('asked');
    this.call = call;
  }
}

function ask(method: string, path: string, query: Query = {}): never {
  throw new Asked({ method, path, query });
}

const CLIENT = {
  url: 'http://nowhere',
  get: async (path, query) => ask('get', path, query),
  post: async (path) => ask('post', path),
  send: async (path) => ask('post', path),
  put: async (path) => ask('put', path),
  patch: async (path) => ask('patch', path),
  delete: async (path) => ask('delete', path),
  tagged: async (path) => ask('get', path),
  change: async (method, path) => ask(method.toLowerCase(), path),
  list: async (path, query) => ask('get', path, { ...query, limit: 1, cursor: 'x' }),
  events: (path) => ask('get', path),
  bytes: async (path) => ask('get', path),
  text: async (path) => ask('get', path),
} satisfies ApiClient;

const CLI = {
  api: async () => CLIENT,
  output: () => ({ show: () => undefined, table: () => undefined, message: () => undefined }),
} as Partial<Cli> as Cli;

function build(): Command {
  const program = new Command('trueup').exitOverride();
  for (const register of registers) register(program, CLI);
  for (const each of leaves(program)) each.exitOverride().configureOutput({ writeErr: () => undefined }); // prettier-ignore
  return program;
}

const leaves = (command: Command): readonly Command[] =>
  command.commands.length === 0 ? [command] : command.commands.flatMap(leaves);

/** The words that lead to a command, without the program's own. */
function wordsOf(command: Command): readonly string[] {
  return command.parent === null ? [] : [...wordsOf(command.parent), command.name()];
}

/** Commands that run something here, and ask no server, or change the machine. */
const OWN = /^(demo|serve|up|down|worker|twin|version|config|db|openapi|status|telemetry sample)\b/;

const valueOf = (option: Pick<Option, 'argChoices'>): string => option.argChoices?.[0] ?? '1';

/** The command with everything that it demands; a list with every filter as well. */
function argumentsOf(command: Command): readonly string[] {
  const isList = command.name() === 'list';
  const options = command.options.filter((each) => each.mandatory || (isList && each.required));
  return [
    ...wordsOf(command),
    ...command.registeredArguments.filter(({ required }) => required).map(valueOf),
    ...options.flatMap((each) => [each.long ?? '', each.long === '--limit' ? '5' : valueOf(each)]),
  ];
}

async function firstCall(args: readonly string[]): Promise<Call | null> {
  try {
    await build().parseAsync([...args], { from: 'user' });
    return null;
  } catch (error) {
    return error instanceof Asked ? error.call : null;
  }
}

function routeOf({ method, path }: Call): Route | undefined {
  return routes.find((route) => {
    const pattern = route.path.replaceAll(/[.:+*]/g, String.raw`\$&`).replaceAll(/\{\w+\}/g, '[^/:]+'); // prettier-ignore
    return route.method === method && new RegExp(`^${pattern}$`).test(`/api/v1${path}`);
  });
}

function unknownParameters({ query }: Call, route: Route): readonly string[] {
  const shape = (route.query as { readonly shape?: object } | undefined)?.shape ?? {};
  return Object.keys(query).filter((name) => !(name in shape));
}

test('every command asks for something that the API has, and every list knows its filters', async () => {
  const commands = leaves(build()).filter((each) => !OWN.test(wordsOf(each).join(' ')));
  const wrong: string[] = [];
  let asked = 0;
  for (const command of commands) {
    const call = await firstCall(argumentsOf(command));
    if (call === null) {
      if (command.name() === 'list') wrong.push(`${wordsOf(command).join(' ')} asks for nothing`);
      continue;
    }
    asked += 1;
    const route = routeOf(call);
    if (route === undefined) wrong.push(`${wordsOf(command).join(' ')}: ${call.method} ${call.path}`);
    else
      wrong.push(...unknownParameters(call, route).map((name) => `${wordsOf(command).join(' ')}: no ${name}`)); // prettier-ignore
  }

  expect(wrong).toEqual([]);
  // The others want a file, or are wrong without a value of their own.
  expect(asked / commands.length).toBeGreaterThan(0.7);
});
