import type { Command } from 'commander';
import type { DriftTrial, KindScore } from '../../app/flows/simulate-drift.ts';
import type { Cli } from '../cli.ts';
import { EXIT } from '../exit-code.ts';
import { verb, wholeNumber } from '../nouns.ts';
import { tableText } from '../output.ts';
import { UsageError } from '../usage-error.ts';

/** From these on a kind of drift is found well enough. */
const GOAL = { recall: 0.98, precision: 0.95 } as const;
/** More companies than anybody waits for. */
const MOST_SEEDS = 1_000;
/** How many cases of a kind are named where it falls short. */
const NAMED = 3;

/** `simulate drift`: how well planted drift is found; needs no server and no store. */
export function registerDrift(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'drift',
    'Plant drift of every kind in sample companies and score what is found; needs no server',
    'trueup simulate drift --seeds 1..20',
  )
    .option('--seed <n>', 'the sample company’s seed', '1')
    .option('--seeds <a..b>', 'several companies, one after the other, instead of one')
    .option('--scale <x>', 'the size of each company, from 0.25 to 20', '1');
  command.action(async () => {
    const options = command.opts<{ seed: string; seeds?: string; scale: string }>();
    const seeds = seedsOf(options);
    const scale = Number(options.scale);
    const output = cli.output(command);
    // The engine, every connector and every twin, which no other command needs.
    const [{ simulateDrift }, { installedPlugIns }] = await Promise.all([
      import('../../app/flows/simulate-drift.ts'),
      import('../../app/installed-plug-ins.ts'),
    ]);
    const result = await simulateDrift(await installedPlugIns(cli.config), {
      seeds,
      scale,
      onTrial: (trial) => output.message(told(trial)),
    });
    const short = result.kinds.filter((each) => !isFound(each)).map(({ kind }) => kind);
    const totals = totalsOf(result.kinds);
    output.show({ seeds, goal: GOAL, short, totals, ...result }, () => textOf(result.kinds));
    if (short.length > 0) process.exitCode = EXIT.different;
  });
}

function seedsOf({ seed, seeds }: { seed: string; seeds?: string }): readonly number[] {
  if (seeds === undefined) return [wholeNumber(seed, '--seed')];
  const [first = '', last = '', ...more] = seeds.split('..');
  const [from, to] = [wholeNumber(first, '--seeds'), wholeNumber(last, '--seeds')];
  if (more.length > 0 || to < from || to - from >= MOST_SEEDS)
    throw new UsageError(`--seeds takes a range of up to ${MOST_SEEDS} such as 1..20.`);
  return Array.from({ length: to - from + 1 }, (_, at) => from + at);
}

/** A kind of which nothing was planted is not known to be found. */
function isFound({ recall, precision }: KindScore): boolean {
  return (recall ?? 0) >= GOAL.recall && (precision ?? 0) >= GOAL.precision;
}

function totalsOf(kinds: readonly KindScore[]) {
  const sum = (of: (kind: KindScore) => number): number =>
    kinds.reduce((total, each) => total + of(each), 0);
  const [planted, found, matched] = [
    sum((each) => each.planted),
    sum((each) => each.found),
    sum((each) => each.matched),
  ];
  return {
    planted,
    found,
    matched,
    recall: planted === 0 ? null : matched / planted,
    precision: found === 0 ? null : matched / found,
  };
}

function told({ seed, kinds }: DriftTrial): string {
  const { planted, matched, found } = totalsOf(kinds);
  return `Seed ${seed}: ${matched} of ${planted} found, ${found - matched} false.`;
}

const share = (value: number | null): string | null => value?.toFixed(3) ?? null;

function textOf(kinds: readonly KindScore[]): string {
  const totals = totalsOf(kinds);
  const rows = [...kinds, { ...totals, kind: 'all', daysToDetect: null }];
  const table = tableText(rows, [
    { title: 'KIND', value: ({ kind }) => kind },
    { title: 'PLANTED', value: ({ planted }) => planted },
    { title: 'FOUND', value: ({ matched }) => matched },
    { title: 'FALSE', value: ({ found, matched }) => found - matched },
    { title: 'RECALL', value: ({ recall }) => share(recall) },
    { title: 'PRECISION', value: ({ precision }) => share(precision) },
    { title: 'DAYS TO DETECT', value: ({ daysToDetect }) => daysToDetect?.mean.toFixed(1) },
    { title: 'AT MOST', value: ({ daysToDetect }) => daysToDetect?.most },
    { title: 'TIMED', value: ({ daysToDetect }) => daysToDetect?.cases },
  ]);
  const named = kinds.filter((each) => !isFound(each)).flatMap(namesOf);
  const goal = `Goal for each kind: recall ${GOAL.recall}, precision ${GOAL.precision}: ${named.length === 0 ? 'met' : 'missed'}.`;
  return [table, '', ...named, goal].join('\n');
}

function namesOf({ kind, planted, missed, wrong }: KindScore): readonly string[] {
  const words = (what: string, drifts: KindScore['missed']): string[] =>
    drifts
      .slice(0, NAMED)
      .map(({ subject, sku }) =>
        `${kind} ${what}: ${subject.type} ${subject.id} ${sku ?? ''}`.trim(),
      );
  return [
    ...(planted === 0 ? [`${kind}: nothing of it was planted`] : []),
    ...words('missed', missed),
    ...words('false', wrong),
  ];
}
