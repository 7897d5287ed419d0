import { readdir, readFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { join } from 'node:path';
import * as z from 'zod';
import { evaluateTerms, readTerms } from '../../src/commerce/terms/evaluate-terms.ts';

const FOLDER = join(import.meta.dirname, 'terms');
const EXAMPLES = join(import.meta.dirname, '../../docs/scenarios/terms');

/** A golden case about terms: documents, and what is expected of their answers by JSON Pointer. */
const GoldenTerms = z.strictObject({
  id: z.string().regex(/^G-\d\d$/),
  title: z.string().min(1),
  source: z.string().min(1),
  /** Where a published figure is wrong, or what the case leaves open. */
  note: z.string().optional(),
  cases: z
    .array(
      z.strictObject({
        name: z.string().min(1),
        document: z.record(z.string(), z.json()),
        expected: z.record(z.string().startsWith('/'), z.json()),
      }),
    )
    .min(1),
});
export type GoldenTerms = z.output<typeof GoldenTerms>;

async function jsonFiles(folder: string): Promise<readonly unknown[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json')).toSorted();
  return Promise.all(
    names.map(async (name): Promise<unknown> => JSON.parse(await readFile(join(folder, name), 'utf8'))),
  ); // prettier-ignore
}

/** Every golden case about terms, by its id. */
export async function goldenTerms(): Promise<readonly GoldenTerms[]> {
  return (await jsonFiles(FOLDER)).map((each) => GoldenTerms.parse(each));
}

/** The worked examples of the documentation. */
export function workedTerms(): Promise<readonly unknown[]> {
  return jsonFiles(EXAMPLES);
}

/** What lies at a JSON Pointer; undefined where nothing does. */
function at(value: unknown, pointer: string): unknown {
  let place = value;
  for (const name of pointer.slice(1).split('/')) {
    if (typeof place !== 'object' || place === null) return undefined;
    place = (place as Readonly<Record<string, unknown>>)[name];
  }
  return place;
}

/** What one case got wrong; empty if it passes. */
export function checkTerms({
  document,
  expected,
}: GoldenTerms['cases'][number]): readonly string[] {
  // prettier-ignore
  const answer = evaluateTerms(readTerms(document));
  return Object.entries(expected).flatMap(([pointer, value]) => {
    const held = at(answer, pointer);
    return isDeepStrictEqual(value, held)
      ? []
      : [`${pointer}: expected ${JSON.stringify(value)}, got ${JSON.stringify(held)}`];
  });
}
