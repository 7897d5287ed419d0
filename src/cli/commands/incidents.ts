import { writeFile } from 'node:fs/promises';
import { Option, type Command } from 'commander';
import type { Cli } from '../cli.ts';
import { moneyText, type Money } from '../errors/shapes.ts';
import { listVerb, noun, verb } from '../nouns.ts';
import { readText } from '../read-text.ts';
import { UsageError } from '../usage-error.ts';

interface Incident {
  readonly id: string;
  readonly kind: string;
  readonly title: string;
  readonly severity: string;
  readonly status: string;
  readonly times: number;
  readonly money: readonly Money[];
  readonly owner: { readonly name: string } | null;
  readonly ackedAt: string | null;
  readonly openedAt: string;
  readonly clearedAt: string | null;
  readonly cause: string | null;
  readonly causeText: string | null;
}

interface Shown extends Incident {
  readonly timeline: readonly {
    readonly at: string;
    readonly kind: string;
    readonly actor: string;
    readonly text: string;
  }[];
}

const CAUSES = [
  'vendor',
  'credentials',
  'network',
  'configuration',
  'source_data',
  'mapping',
  'person',
  'defect',
  'expected',
  'other',
];

/** `incidents`: what needs people, from when it was seen until its cause is known. */
export function register(program: Command, cli: Cli): void {
  const incidents = noun(
    program,
    'incidents',
    'What needs people, until its cause is known',
    'trueup incidents list --status open',
  );
  listVerb<Incident>(cli, incidents, {
    path: '/incidents',
    description: 'List incidents, newest first',
    example: 'trueup incidents list --status open',
    empty: 'No incident so far.',
    filters: [
      { flags: '--status <status>', description: 'open or closed', query: 'status' },
      { flags: '--kind <kind>', description: 'only of this kind', query: 'kind' },
      { flags: '--severity <severity>', description: 'low, medium or high', query: 'severity' },
      { flags: '--owner <person>', description: 'only those of this person', query: 'owner' },
    ],
    columns: [
      { title: 'ID', value: (row) => row.id },
      { title: 'SEVERITY', value: (row) => row.severity },
      { title: 'STATE', value: stateOf },
      { title: 'SINCE', value: (row) => row.openedAt },
      { title: 'MONEY', value: (row) => moneyText(row.money) },
      { title: 'OWNER', value: (row) => row.owner?.name },
      { title: 'WHAT', value: (row) => row.title },
    ],
  });
  show(incidents, cli);
  step(incidents, cli, {
    usage: 'ack <id>',
    description: 'Take notice: nobody else is told for now',
    example: 'trueup incidents ack inc_01j…',
  });
  assign(incidents, cli);
  comment(incidents, cli);
  close(incidents, cli);
  exportOne(incidents, cli);
  policy(incidents, cli);
}

function stateOf({ status, ackedAt, clearedAt, cause }: Incident): string {
  if (status === 'closed') return `closed (${cause ?? ''})`;
  if (clearedAt !== null) return 'over, cause not said';
  return ackedAt === null ? 'open' : 'open, taken notice of';
}

function show(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'show <id>',
    'Show one incident with its timeline',
    'trueup incidents show inc_01j…',
  );
  command.action(async (id: string) => {
    const incident = await (
      await cli.api(command)
    ).get<Shown>(`/incidents/${encodeURIComponent(id)}`);
    cli.output(command).show(incident, () =>
      [
        incident.title,
        `  ${incident.severity}, ${stateOf(incident)}, since ${incident.openedAt}, seen ${incident.times}×`,
        `  Money touched: ${moneyText(incident.money) ?? 'none that is known'}`,
        `  Owner: ${incident.owner?.name ?? 'nobody'}`,
        ...(incident.causeText === null ? [] : [`  Cause: ${incident.causeText}`]),
        '',
        ...incident.timeline.map(({ at, kind, actor, text }) => `  ${at}  ${kind}, ${actor}: ${text}`), // prettier-ignore
      ].join('\n'),
    );
  });
}

/** A verb that posts to one incident and says how it stands. */
function step(
  parent: Command,
  cli: Cli,
  {
    usage,
    description,
    example,
  }: { readonly usage: string; readonly description: string; readonly example: string },
  bodyOf: (command: Command) => object | undefined = () => undefined,
): Command {
  const command = verb(parent, usage, description, example);
  return command.action(async (id: string) => {
    const path = `/incidents/${encodeURIComponent(id)}:${command.name()}`;
    const incident = await (await cli.api(command)).post<Incident>(path, bodyOf(command));
    cli.output(command).show(incident, () => `${id} is ${stateOf(incident)}.`);
  });
}

function assign(parent: Command, cli: Cli): void {
  step(
    parent,
    cli,
    {
      usage: 'assign <id>',
      description: 'Name who sees to it',
      example: 'trueup incidents assign inc_01j… --person usr_01j…',
    },
    (command) => {
      const { person, nobody } = command.opts<{ person?: string; nobody?: boolean }>();
      if ((person === undefined) === (nobody !== true))
        throw new UsageError('Say --person ID or --nobody.');
      return { person: person ?? null };
    },
  )
    .option('--person <id>', 'who; `trueup users list` shows the ids')
    .option('--nobody', 'take the name back');
}

function comment(parent: Command, cli: Cli): void {
  step(
    parent,
    cli,
    {
      usage: 'comment <id>',
      description: 'Add words to its timeline',
      example: "trueup incidents comment inc_01j… --text 'They answer again.'",
    },
    (command) => ({ text: command.opts<{ text: string }>().text }),
  ).requiredOption('--text <text>', 'the words');
}

function close(parent: Command, cli: Cli): void {
  step(
    parent,
    cli,
    {
      usage: 'close <id>',
      description: 'Close it with its cause; what lasts is mended first',
      example: "trueup incidents close inc_01j… --cause vendor --text 'Their outage, ended 10:40.'",
    },
    (command) => command.opts<{ cause: string; text: string }>(),
  )
    .addOption(
      new Option('--cause <cause>', 'why it came to this').choices(CAUSES).makeOptionMandatory(),
    )
    .requiredOption('--text <text>', 'in words');
}

function exportOne(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'export <id>',
    'Tell it from beginning to end, with what was done meanwhile; with --json as data',
    'trueup incidents export inc_01j… --output incident.md',
  ).option('--output <file>', 'write it there instead of showing it');
  command.action(async (id: string) => {
    const { output } = command.opts<{ output?: string }>();
    const api = await cli.api(command);
    const told = await api.get<{ readonly markdown: string }>(
      `/incidents/${encodeURIComponent(id)}/narrative`,
    );
    if (output === undefined) return cli.output(command).show(told, () => told.markdown);
    const isJson = command.optsWithGlobals<{ json?: boolean }>().json === true;
    await writeFile(output, isJson ? `${JSON.stringify(told, null, 2)}\n` : told.markdown);
    cli.output(command).message(`The narrative of ${id} is in ${output}.`);
  });
}

function policy(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'policy',
    'Show who sees to incidents and who is told next, or replace it from a file',
    'trueup incidents policy --file policy.json',
  ).option('--file <path>', 'JSON: { owner, ackHours, steps: [{ afterHours, tell: { role } }] }');
  command.action(async () => {
    const { file } = command.opts<{ file?: string }>();
    const api = await cli.api(command);
    const answer =
      file === undefined
        ? await api.get<object>('/incident-policy')
        : await api.put<object>('/incident-policy', parsed(await readText(file), file));
    cli.output(command).show(answer, () => JSON.stringify(answer, null, 2));
  });
}

function parsed(text: string, file: string): object {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Said below, as for JSON that is no object.
  }
  throw new UsageError(`${file} holds no JSON object.`);
}
