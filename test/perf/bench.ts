import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { BenchRow } from './measure.ts';

const SUFFIX = '.bench.ts';

interface BenchFile {
  readonly bench: () => Promise<BenchRow>;
}

async function benchNames(): Promise<readonly string[]> {
  const files = await readdir(import.meta.dirname);
  return files
    .filter((file) => file.endsWith(SUFFIX))
    .map((file) => file.slice(0, -SUFFIX.length))
    .toSorted((a, b) => a.localeCompare(b));
}

/** The line that is printed. `ok` says whether the ratio reaches its goal, and the rate its own where there is one. */
function lineOf({ name, ours, floor, unit, goal, details, ...row }: BenchRow): string {
  const { atLeast, better = 'more', holds = true } = row;
  const ratio = Number((ours / floor).toFixed(3));
  const reached = better === 'more' ? ratio >= goal : ratio <= goal;
  const ok = reached && holds && ours >= (atLeast ?? 0);
  const least = atLeast === undefined ? {} : { atLeast };
  return JSON.stringify({ name, ours, floor, ratio, unit, goal, ok, ...least, ...details });
}

async function main(): Promise<void> {
  const wanted = process.argv.slice(2).filter((each) => each !== '--');
  const known = await benchNames();
  const unknown = wanted.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    console.error(`There is no bench "${unknown.join('", "')}". There are: ${known.join(', ')}.`);
    process.exitCode = 2;
    return;
  }
  for (const name of wanted.length > 0 ? wanted : known) {
    console.error(`${name}: begins …`);
    const began = performance.now();
    const file: BenchFile = await import(join(import.meta.dirname, `${name}${SUFFIX}`));
    console.log(lineOf(await file.bench()));
    console.error(`${name}: ${((performance.now() - began) / 1000).toFixed(1)} s`);
  }
}

await main();
