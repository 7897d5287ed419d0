import type * as z from 'zod';
import { didYouMean } from './closest-name.ts';
import { MappingDocument, Row } from './mapping-document.ts';
import { pointerOf, rowOf, type FoundProblem, type PointerPath } from './mapping-problem.ts';

/** A problem together with the path that its line is found by. */
export interface PlacedProblem extends FoundProblem {
  readonly path: PointerPath;
}

/** Makes a problem at a path. */
export function problemAt(
  path: PointerPath,
  code: string,
  message: string,
  hint: string | null = null,
): PlacedProblem {
  return { path, row: rowOf(path), pointer: pointerOf(path), code, message, hint };
}

/** Turns what zod found into problems, unknown keys one by one with what was probably meant. */
export function zodProblems(error: z.ZodError): readonly PlacedProblem[] {
  return error.issues.flatMap((issue) => {
    const path = issue.path.filter((part) => typeof part !== 'symbol');
    if (issue.code !== 'unrecognized_keys') {
      return [problemAt(path, codeOf(issue), sentence(path, issue.message))];
    }
    return issue.keys.map((key) =>
      problemAt(
        [...path, key],
        'unknown_key',
        `"${key}" is not a part of ${path.length === 0 ? 'a mapping' : `"${path.at(-1)}"`}.`,
        didYouMean(key, keysAt(path)),
      ),
    );
  });
}

const KEYS: Readonly<Record<string, readonly string[]>> = {
  source: ['connection', 'object'],
  target: ['connection', 'object'],
  forEach: ['items', 'as', 'when'],
  match: ['by', 'onNone', 'onMany'],
  tests: ['name', 'given', 'id', 'include', 'lookups', 'expect'],
  include: ['stream', 'id'],
};

function keysAt(path: PointerPath): readonly string[] {
  const [area] = path;
  if (area === undefined) return Object.keys(MappingDocument.shape);
  if (area === 'fields') return [...Object.keys(Row.shape), 'each', 'as', 'when', 'fields'];
  return KEYS[area] ?? [];
}

function codeOf(issue: z.core.$ZodIssue): string {
  const missing = issue.code === 'invalid_type' && issue.message.endsWith('received undefined');
  return missing ? 'missing_key' : 'bad_value';
}

function sentence(path: PointerPath, message: string): string {
  const where = path.length === 0 ? 'The mapping' : `"${path.at(-1)}"`;
  return `${where}: ${message.charAt(0).toLowerCase()}${message.slice(1)}.`;
}
