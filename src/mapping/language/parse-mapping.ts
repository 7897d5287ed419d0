import type { TransformDefinition } from '../../sdk/define-transform.ts';
import { hashJson } from '../../kernel/hash.ts';
import { checkMapping } from './check-mapping.ts';
import { MappingDocument } from './mapping-document.ts';
import type { MappingProblem } from './mapping-problem.ts';
import { readYaml } from './read-yaml.ts';
import { isOverride, resolveOverride, type FindShipped } from './resolve-override.ts';
import { zodProblems, type PlacedProblem } from './zod-problems.ts';

/** A mapping that was checked: what it says, and the hash that plans are cached by. */
export interface Mapping {
  readonly document: MappingDocument;
  readonly hash: string;
  /** Where it came from, for messages: a file below `mappings/`, or `published`. */
  readonly origin: string;
}

export type ParseMapping =
  | { readonly ok: true; readonly mapping: Mapping }
  | { readonly ok: false; readonly problems: readonly MappingProblem[] };

/** The steps that rows may use, by name. */
export type Steps = ReadonlyMap<string, TransformDefinition>;

/**
 * Reads a mapping file. Every problem that can be known before a record is seen is found here: unknown keys, target
 * fields and steps, expressions that do not compile, required fields without a row, directions that do not exist.
 * Never throws on a bad file, whatever it holds. A file with `extends` is put over the shipped mapping that it
 * names, which `findShipped` finds.
 */
export function parseMapping(
  text: string,
  fileName: string,
  steps: Steps,
  findShipped: FindShipped = () => null,
): ParseMapping {
  const read = readYaml(text);
  if (!read.ok) {
    return { ok: false, problems: [{ hint: null, ...read.problem, line: read.line }] };
  }
  const { value, lineOf } = read.yaml;
  if (!isOverride(value)) return checkDocument(value, fileName, steps, lineOf);
  const resolved = resolveOverride(value, findShipped);
  if (!resolved.ok) return { ok: false, problems: placed(resolved.problems, lineOf) };
  return checkDocument(resolved.document, fileName, steps, lineOf);
}

/** Like {@link parseMapping} for a document that is data already; problems then have no line. */
export function parseMappingDocument(value: unknown, origin: string, steps: Steps): ParseMapping {
  return checkDocument(value, origin, steps, null);
}

type LineOf = (path: PlacedProblem['path']) => number;

function checkDocument(
  value: unknown,
  origin: string,
  steps: Steps,
  lineOf: LineOf | null,
): ParseMapping {
  const shaped = MappingDocument.safeParse(value);
  const found = shaped.success ? checkMapping(shaped.data, steps) : zodProblems(shaped.error);
  if (shaped.success && found.length === 0) {
    return { ok: true, mapping: { document: shaped.data, hash: hashJson(shaped.data), origin } };
  }
  return { ok: false, problems: placed(found, lineOf) };
}

function placed(
  problems: readonly PlacedProblem[],
  lineOf: LineOf | null,
): readonly MappingProblem[] {
  return problems.map(({ path, ...problem }) => ({
    ...problem,
    hint: problem.hint ?? null,
    line: lineOf === null ? null : lineOf(path),
  }));
}
