import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import * as z from 'zod';
import { parseExactJson } from '../../sdk/exact-json.ts';
import type { Cli } from '../cli.ts';
import { listVerb, noun, verb, wholeNumber } from '../nouns.ts';
import { UsageError } from '../usage-error.ts';

const BATCH = 'application/cloudevents-batch+json';
/** The server takes up to 5,000 at once; smaller batches keep a broken line cheap. */
const BATCH_SIZE = 1_000;

interface Receipt {
  readonly accepted: number;
  readonly duplicates: number;
  readonly rejected: readonly Rejected[];
}
interface Rejected {
  readonly index: number;
  readonly id: string | null;
  readonly code: string;
  readonly reason: string;
}
interface Published {
  readonly name: string;
  readonly version: number;
  readonly fromDay: string | null;
  readonly publishedBy: string;
  readonly document: { readonly eventType: string; readonly metric: string; readonly aggregate: { readonly of: string } };
} // prettier-ignore
interface Instance {
  readonly id: string;
  readonly skuCode: string;
  readonly customerRef: string | null;
  readonly posture: string;
  readonly environment: string;
}
interface Unattributed {
  readonly id: string;
  readonly reason: string;
  readonly type: string;
  readonly source: string;
  readonly instance: string | null;
  readonly events: number;
  readonly lastDay: string;
  readonly owner: string;
}

/** `telemetry`: events of use, what is counted of them, and what counts for nobody. */
export function register(program: Command, cli: Cli): void {
  const telemetry = noun(
    program,
    'telemetry',
    'Events of use, and what is counted of them',
    'trueup telemetry send events.json',
  );
  send(telemetry, cli);
  sample(telemetry);
  const definitions = noun(
    telemetry,
    'definitions',
    'What is counted of events',
    'trueup telemetry definitions list',
  );
  listDefinitions(definitions, cli);
  publish(definitions, cli);
  const instances = noun(
    telemetry,
    'instances',
    'Product instances that report use',
    'trueup telemetry instances list',
  );
  listInstances(instances, cli);
  addInstance(instances, cli);
  const unattributed = noun(
    telemetry,
    'unattributed',
    'Use that counts for nobody',
    'trueup telemetry unattributed list',
  );
  listUnattributed(unattributed, cli);
  assign(unattributed, cli);
}

function send(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'send <file>',
    'Send the CloudEvents of a file: a JSON array, or one event a line',
    'trueup telemetry send events.ndjson',
  );
  command.action(async (file: string) => {
    const texts = await eventTexts(file);
    const api = await cli.api(command);
    const all = { accepted: 0, duplicates: 0, rejected: [] as Rejected[] };
    for (let at = 0; at < texts.length; at += BATCH_SIZE) {
      const text = `[${texts.slice(at, at + BATCH_SIZE).join(',')}]`;
      const receipt = await api.send<Receipt>('/events', BATCH, text);
      all.accepted += receipt.accepted;
      all.duplicates += receipt.duplicates;
      all.rejected.push(...receipt.rejected.map((each) => ({ ...each, index: each.index + at })));
    }
    cli.output(command).show(all, () => told(all));
    if (all.rejected.length > 0) process.exitCode = 6;
  });
}

/** The JSON text of each event, to the last digit. */
async function eventTexts(file: string): Promise<readonly string[]> {
  const text = await readFile(file, 'utf8').catch(() => {
    throw new UsageError(`The file ${file} cannot be read.`);
  });
  if (!text.trimStart().startsWith('['))
    return text.split(/\r?\n/).filter((line) => line.trim() !== '');
  const events: unknown = parse(text, file);
  return Array.isArray(events) ? events.map((each) => JSON.stringify(each)) : [];
}

function parse(text: string, file: string): unknown {
  try {
    return parseExactJson(text);
  } catch {
    throw new UsageError(`${file} holds no JSON, or names a member twice.`);
  }
}

function told({ accepted, duplicates, rejected }: Receipt): string {
  const lines = rejected.map(
    ({ index, id, reason }) => `  event ${index + 1} (${id ?? 'no id'}): ${reason}`,
  );
  return [
    `${accepted} taken, ${duplicates} twice in the file, ${rejected.length} refused.`,
    ...lines,
  ].join('\n');
}

function sample(parent: Command): void {
  const command = verb(
    parent,
    'sample',
    'Print events as a product would send them, one a line',
    'trueup telemetry sample --count 100 > events.ndjson',
  )
    .option('--count <n>', 'how many events', '10')
    .option('--source <uri>', 'the product instance that reports', '/instances/sample-1')
    .option('--type <type>', 'the type of the events', 'com.example.api.called');
  command.action(() => {
    const { count, source, type } = command.opts<{ count: string; source: string; type: string }>();
    const now = Date.now();
    for (let at = 0; at < wholeNumber(count, '--count'); at += 1) {
      const event = {
        specversion: '1.0',
        id: randomUUID(),
        source,
        type,
        time: new Date(now - at * 60_000).toISOString(),
        subject: `user-${(at % 5) + 1}`,
        data: { calls: (at % 9) + 1, region: 'eu1' },
      };
      process.stdout.write(`${JSON.stringify(event)}\n`);
    }
  });
}

function listDefinitions(parent: Command, cli: Cli): void {
  listVerb<Published>(cli, parent, {
    path: '/usage-definitions',
    description: 'List every version of what is counted',
    example: 'trueup telemetry definitions list',
    empty: 'Nothing is counted. Publish a definition: trueup telemetry definitions publish FILE.',
    columns: [
      { title: 'NAME', value: (row) => row.name },
      { title: 'VERSION', value: (row) => row.version },
      { title: 'FROM', value: (row) => row.fromDay },
      { title: 'EVENTS', value: (row) => row.document.eventType },
      { title: 'COUNTS', value: (row) => row.document.aggregate.of },
      { title: 'METRIC', value: (row) => row.document.metric },
      { title: 'BY', value: (row) => row.publishedBy },
    ],
  });
}

function publish(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'publish <file>',
    'Publish the next version of a definition from a JSON file',
    'trueup telemetry definitions publish api-calls.json',
  );
  command.action(async (file: string) => {
    const text = await readFile(file, 'utf8').catch(() => {
      throw new UsageError(`The file ${file} cannot be read.`);
    });
    const document = z.record(z.string(), z.unknown()).safeParse(parse(text, file));
    if (!document.success) throw new UsageError(`${file} is not a file with one JSON document.`);
    const made = await (
      await cli.api(command)
    ).post<Published>('/usage-definitions', document.data);
    cli.output(command).show(made, () => `${made.name} is published as version ${made.version}.`);
  });
}

function listInstances(parent: Command, cli: Cli): void {
  listVerb<Instance>(cli, parent, {
    path: '/product-instances',
    description: 'List product instances',
    example: 'trueup telemetry instances list',
    empty: 'No instances. Name one: trueup telemetry instances add ID --sku SKU.',
    columns: [
      { title: 'ID', value: (row) => row.id },
      { title: 'SKU', value: (row) => row.skuCode },
      { title: 'CUSTOMER', value: (row) => row.customerRef },
      { title: 'POSTURE', value: (row) => row.posture },
      { title: 'ENVIRONMENT', value: (row) => row.environment },
    ],
  });
}

function addInstance(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'add <id>',
    'Say whose a product instance is; use that it reported before counts from now on',
    'trueup telemetry instances add /instances/prod-7 --sku API-PRO --customer 0018d00000AbCdE',
  )
    .requiredOption('--sku <code>', 'the part number that it runs')
    .option('--customer <account>', 'the CRM account of the customer who runs it')
    .option('--licensee', 'a product that we bought and run ourselves')
    .option('--nonprod', 'no production');
  command.action(async (id: string) => {
    const { sku, customer, licensee, nonprod } = command.opts<{
      sku: string;
      customer?: string;
      licensee?: true;
      nonprod?: true;
    }>();
    const made = await (
      await cli.api(command)
    ).post<Instance>('/product-instances', {
      id,
      skuCode: sku,
      customerRef: customer ?? null,
      posture: licensee === true ? 'licensee' : 'licensor',
      environment: nonprod === true ? 'nonprod' : 'prod',
    });
    cli.output(command).show(made, () => `${made.id} counts as ${made.skuCode}.`);
  });
}

function listUnattributed(parent: Command, cli: Cli): void {
  listVerb<Unattributed>(cli, parent, {
    path: '/usage/unattributed',
    description: 'List use that counts for nobody, and who looks after it',
    example: 'trueup telemetry unattributed list --owner usr_01j…',
    empty: 'All use counts for somebody.',
    filters: [{ flags: '--owner <person>', description: 'of one person', query: 'owner' }],
    columns: [
      { title: 'ID', value: (row) => row.id },
      { title: 'WHY', value: (row) => row.reason },
      { title: 'TYPE', value: (row) => row.type },
      { title: 'INSTANCE', value: (row) => row.instance ?? row.source },
      { title: 'EVENTS', value: (row) => row.events },
      { title: 'LAST', value: (row) => row.lastDay },
      { title: 'OWNER', value: (row) => row.owner },
    ],
  });
}

function assign(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'assign <id> <person>',
    'Give use that counts for nobody to a person to look after',
    'trueup telemetry unattributed assign usu_01j… usr_01j…',
  );
  command.action(async (id: string, owner: string) => {
    const path = `/usage/unattributed/${encodeURIComponent(id)}`;
    const use = await (await cli.api(command)).patch<Unattributed>(path, { owner });
    cli.output(command).show(use, () => `${use.id} is with ${use.owner}.`);
  });
}
