import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { HAPPENINGS, neverHappened, type Happening } from './happenings.ts';
import { partOf, type Part } from './part.ts';
import globalSetup from '../support/global-setup.ts';
import globalTeardown from '../support/global-teardown.ts';

// `npm run sim -- --seeds 2000 [--first S] [--part reading|writing] [--vendor NAME] [--shards N] [--seconds N] [--hashes] [--trace] [--bail]`: the reading engine over the real store, against
// twins without sockets, through seeded storms. Prints each seed that lost or doubled something, and how to see it again.

const Result = z.object({
  seed: z.number(),
  problems: z.array(z.string()),
  hash: z.string(),
  counts: z.record(z.string(), z.number()),
  trace: z.array(z.string()),
});
type Result = z.infer<typeof Result>;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '200' },
    first: { type: 'string', default: '1' },
    /** Processes at a time: a seed waits for the store most of its life. */
    shards: { type: 'string', default: '4' },
    trace: { type: 'boolean', default: false },
    /** The hash of everything that happened, for each seed. */
    hashes: { type: 'boolean', default: false },
    /** Begins no further seed after so long. */
    seconds: { type: 'string', default: '86400' },
    /** What is read alone, or what is written; odd seeds read and even ones write otherwise. */
    part: { type: 'string' },
    /** One vendor alone; any of them otherwise, as the seed says. */
    vendor: { type: 'string' },
    /** Stops at the first seed that fails. */
    bail: { type: 'boolean', default: false },
  },
});
const [seeds, first, shards] = [values.seeds, values.first, values.shards].map(Number);
if (![seeds, first, shards].every((each) => Number.isInteger(each) && Number(each) > 0)) {
  console.error('--seeds, --first and --shards are whole numbers above 0.');
  process.exit(2);
}

const part = values.part;
if (part !== undefined && part !== 'reading' && part !== 'writing') {
  console.error('--part is reading or writing.');
  process.exit(2);
}

const only: Part | null = part ?? null;

/** So many seeds of all vendors see every kind of weather. */
const WIDE = { reading: 100, writing: 2000 };
/** How many seeds of each part were lived through. */
const livedOf = { reading: 0, writing: 0 };
const sums: Record<string, number> = {};
const failed: number[] = [];
let lived = 0;
/** Seeds that a process is living through. */
const going = new Set<number>();
/** So often a long run says how far it is, and with which seed an interrupted one is taken up again. */
const TELLS_EVERY = 250;
let next = Number(first);
const end = next + Number(seeds);

function take(result: Result): void {
  lived += 1;
  going.delete(result.seed);
  livedOf[partOf(result.seed, only)] += 1;
  for (const [name, count] of Object.entries(result.counts)) sums[name] = (sums[name] ?? 0) + count;
  if (values.trace) for (const line of result.trace) console.log(line);
  if (values.trace || values.hashes) console.log(`seed ${result.seed}: ${result.hash}`);
  if (result.problems.length > 0) tellFailed(result);
  if (lived % TELLS_EVERY === 0)
    console.log(
      `${lived} lived through, ${failed.length} failed; all before seed ${Math.min(next, ...going)}`,
    );
}

function tellFailed(result: Result): void {
  failed.push(result.seed);
  if (values.bail) next = end;
  console.log(`seed ${result.seed} failed:`);
  for (const problem of result.problems) console.log(`  ${problem}`);
  console.log(`  again: npm run sim -- --seeds 1 --first ${result.seed} --trace`);
}

/** One process takes seed after seed until there are none. */
function runShard(): Promise<void> {
  const child: ChildProcess = fork(join(import.meta.dirname, 'shard.ts'), { execArgv: [...process.execArgv] });
  const giveNext = (): void => {
    const isLate = performance.now() - startedAt > Number(values.seconds) * 1000;
    const seed = next < end && !isLate ? next : null;
    if (seed !== null) {
      next += 1;
      going.add(seed);
    }
    child.send({ seed, vendor: values.vendor ?? null, part: only });
  };
  return new Promise((done, broke) => {
    child.on('message', (message) => {
      if (message !== 'ready') take(Result.parse(message));
      giveNext();
    });
    child.once('error', broke);
    child.once('exit', (code) =>
      code === 0 ? done() : broke(new Error(`A process of the simulator ended with ${code}.`)),
    );
  });
} // prettier-ignore

await globalSetup();
const startedAt = performance.now();
try {
  await Promise.all(Array.from({ length: Math.min(Number(shards), Number(seeds)) }, runShard));
} finally {
  await globalTeardown();
}
const rate = (lived / (performance.now() - startedAt)) * 1000;
const { calls = 0, changes = 0, ...happened } = sums;
console.log(`${calls} calls, ${changes} changes; ${rate.toFixed(1)} seeds/s`);
const { writing, ...reading } = HAPPENINGS;
const read: Readonly<Record<string, readonly Happening[]>> =
  livedOf.reading > 0 ? reading : { any: reading.any.slice(0, 4) };
for (const [where, names] of Object.entries(read))
  console.log(`${where}: ${names.map((name) => `${happened[name] ?? 0} ${name}`).join(', ')}`);
const met = writing.filter((name) => (happened[name] ?? 0) > 0);
if (livedOf.writing > 0)
  console.log(
    `writing: ${met.length} of ${writing.length} moments of a write at which a worker died (kind × kill point)`,
  );
const unmet = writing.filter((name) => !met.includes(name));
if (livedOf.writing > 0 && unmet.length > 0 && met.length > unmet.length)
  console.log(`not yet: ${unmet.join(', ')}`);
const missed = (['reading', 'writing'] as const).flatMap((each) =>
  livedOf[each] >= WIDE[each] && values.vendor === undefined ? neverHappened(happened, each) : [],
);
if (missed.length > 0) console.log(`never happened: ${missed.join(', ')}`);
if (failed.length === 0 && lived > 0)
  console.log(
    `0 lost, 0 doubled: with 95 % confidence fewer than ${(300 / lived).toPrecision(2)} % of such lives`,
  );
console.log(
  `${lived} seeds, ${failed.length} failed${failed.length > 0 ? `: ${failed.join(', ')}` : ''}`,
);
process.exitCode = failed.length === 0 && lived > 0 && missed.length === 0 ? 0 : 1;
