import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { EXIT } from '../exit-code.ts';
import { UsageError } from '../usage-error.ts';
import { verb } from '../nouns.ts';
import type { Retried } from './shapes.ts';

const DAY_MS = 86_400_000;

interface BatchAnswer {
  readonly results: readonly {
    readonly id: string;
    readonly ok: boolean;
    readonly problem: { readonly detail: string } | null;
  }[];
}

/** `errors retry`: one, several, or everything that nobody has left alone. */
export function retryErrors(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'retry [ids...]',
    'Try again: causes, records or writes by their ids, or everything that nobody has left alone',
    'trueup errors retry egr_3f…',
  ).option('--all', 'everything, as without an id');
  command.action(async (ids: readonly string[]) => {
    const { all } = command.opts<{ all?: boolean }>();
    if (all === true && ids.length > 0) throw new UsageError('Give --all or ids, not both.');
    if (ids.length > 1) return batch(cli, command, { do: 'retry', ids });
    const [id] = ids;
    const path = id === undefined ? '/errors:retry' : `/errors/${encodeURIComponent(id)}:retry`;
    const retried = await (await cli.api(command)).post<Retried>(path);
    cli
      .output(command)
      .show(
        retried,
        () =>
          `${retried.records} records, ${retried.intents} writes and ${retried.work} pieces of work are tried again.`,
      );
  });
}

/** `errors ignore`, `heed` and `assign`. */
export function decideErrors(parent: Command, cli: Cli): void {
  const ignore = verb(
    parent,
    'ignore <ids...>',
    'Leave causes, records or writes alone until a time; they come back by themselves',
    "trueup errors ignore egr_3f… --reason 'mended with the release' --until 14d",
  )
    .requiredOption('--reason <text>', 'why')
    .requiredOption('--until <time>', 'a day, an instant, or days from now such as 14d');
  ignore.action((ids: readonly string[]) => {
    const { reason, until } = ignore.opts<{ reason: string; until: string }>();
    return say(cli, ignore, ids, 'ignore', { reason, until: instantOf(until) });
  });
  const heed = verb(
    parent,
    'heed <ids...>',
    'No longer leave them alone',
    'trueup errors heed egr_3f…',
  );
  heed.action((ids: readonly string[]) => say(cli, heed, ids, 'heed'));
  const assign = verb(
    parent,
    'assign <ids...>',
    'Name who looks after them',
    'trueup errors assign egr_3f… --person usr_01j…',
  )
    .option('--person <id>', 'who; `trueup users list` shows the ids')
    .option('--nobody', 'take the name back');
  assign.action((ids: readonly string[]) => {
    const { person, nobody } = assign.opts<{ person?: string; nobody?: boolean }>();
    if ((person === undefined) === (nobody !== true))
      throw new UsageError('Say --person ID or --nobody.');
    return say(cli, assign, ids, 'assign', { person: person ?? null });
  });
}

async function say(
  cli: Cli,
  command: Command,
  ids: readonly string[],
  word: 'ignore' | 'heed' | 'assign',
  body?: object,
): Promise<void> {
  if (ids.length > 1) return batch(cli, command, { do: word, ids, ...body });
  const path = `/errors/${encodeURIComponent(ids[0] ?? '')}:${word}`;
  const answer = await (await cli.api(command)).post<unknown>(path, body);
  cli.output(command).show(answer, () => DONE[word]);
}

const DONE = {
  ignore: 'It is left alone until then: trueup errors list --state ignored',
  heed: 'It is listed again.',
  assign: 'Done.',
} as const;

async function batch(cli: Cli, command: Command, body: object): Promise<void> {
  const answer = await (await cli.api(command)).post<BatchAnswer>('/errors:batch', body);
  const failed = answer.results.filter(({ ok }) => !ok);
  cli
    .output(command)
    .show(answer, () =>
      [
        `${answer.results.length - failed.length} of ${answer.results.length} are done.`,
        ...failed.map(({ id, problem }) => `${id}: ${problem?.detail ?? 'was not done'}`),
      ].join('\n'),
    );
  if (failed.length > 0) process.exitCode = EXIT.partial;
}

/** The instant behind `14d`, a day, or an instant. Throws UsageError. */
export function instantOf(text: string, now = new Date()): string {
  const days = /^(\d{1,3})d$/.exec(text)?.[1];
  if (days !== undefined) return new Date(now.getTime() + Number(days) * DAY_MS).toISOString();
  const isDay = /^\d{4}-\d\d-\d\d$/.test(text);
  const at = new Date(isDay ? `${text}T00:00:00Z` : text);
  if (Number.isNaN(at.getTime()))
    throw new UsageError(`"${text}" is no time. Write 14d, 2026-05-01 or 2026-05-01T08:00:00Z.`);
  return at.toISOString();
}
