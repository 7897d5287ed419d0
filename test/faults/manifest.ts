import { glob, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '../..');
const FOLDERS = '{src,connectors,mappings,jobs,test}/**/*.test.ts';

const range = (first: number, last: number): readonly number[] =>
  Array.from({ length: last - first + 1 }, (_, n) => first + n);

/** The reliability cases that reading and writing have to survive, by their ids. */
export const LISTED: readonly number[] = [range(1, 64), range(72, 76)].flat();

/** A test's name carries the case: `F-1`, `F-01` and `F-001` are the same one. */
export function namePattern(id: number): string {
  return `F-0*${id}(?![0-9])`;
}

/** Which files prove each listed case: the names of tests in them carry its id. Paths from the root of the tree. */
export async function filesByCase(): Promise<ReadonlyMap<number, readonly string[]>> {
  const found = new Map<number, string[]>();
  for await (const file of glob(FOLDERS, { cwd: ROOT, exclude: (path) => path.includes('node_modules') })) {
    const names = (await readFile(join(ROOT, file), 'utf8')).match(/['"`][^'"`\n]*\bF-\d+[^\n]*/g) ?? [];
    for (const id of LISTED) {
      if (names.some((name) => new RegExp(namePattern(id)).test(name)))
        found.set(id, [...(found.get(id) ?? []), file]);
    }
  }
  return found;
} // prettier-ignore
