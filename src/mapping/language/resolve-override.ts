import type { z } from 'zod';
import { MappingOverride, type MappingDocument } from './mapping-document.ts';
import { didYouMean } from './closest-name.ts';
import { problemAt, zodProblems, type PlacedProblem } from './zod-problems.ts';

/** Finds a shipped mapping by id; null if there is none. */
export type FindShipped = (id: string) => MappingDocument | null;

export type ResolvedOverride =
  | { readonly ok: true; readonly document: unknown }
  | { readonly ok: false; readonly problems: readonly PlacedProblem[] };

/** True if the document changes a shipped mapping rather than standing alone. */
export function isOverride(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, 'extends');
}

/**
 * Puts a tenant's changes over the shipped mapping that they name: rows replace rows of the same target field,
 * `remove` takes rows out, everything else replaces as a whole. The result stands alone, so a newer shipped version
 * never changes what was published.
 */
export function resolveOverride(value: unknown, findShipped: FindShipped): ResolvedOverride {
  const parsed = MappingOverride.safeParse(value);
  if (!parsed.success) return { ok: false, problems: zodProblems(parsed.error as z.ZodError) };
  const { extends: reference, remove = [], ...changes } = parsed.data;
  const [id = '', version = ''] = reference.replace('builtin:', '').split('@');
  const base = findShipped(id);
  const problem = baseProblem(base, id, Number(version)) ?? removeProblem(base, remove);
  if (base === null || problem !== null)
    return { ok: false, problems: problem === null ? [] : [problem] };
  const fields = { ...base.fields, ...changes.fields };
  for (const name of remove) delete fields[name];
  return { ok: true, document: withoutAbsent({ ...base, ...withoutAbsent(changes), fields }) };
}

function baseProblem(
  base: MappingDocument | null,
  id: string,
  version: number,
): PlacedProblem | null {
  if (base === null) {
    return problemAt(['extends'], 'unknown_base', `There is no shipped mapping "${id}".`);
  }
  if (base.version === version) return null;
  return problemAt(
    ['extends'],
    'base_version',
    `Version ${version} of "${id}" is not the one that is shipped.`,
    `Look at what changed and write builtin:${id}@${base.version}.`,
  );
}

function removeProblem(
  base: MappingDocument | null,
  remove: readonly string[],
): PlacedProblem | null {
  const known = Object.keys(base?.fields ?? {});
  const at = remove.findIndex((name) => !known.includes(name));
  const name = remove[at];
  if (name === undefined) return null;
  return problemAt(
    ['remove', at],
    'unknown_target_field',
    `The shipped mapping has no row "${name}".`,
    didYouMean(name, known),
  );
}

function withoutAbsent(document: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(document).filter(([, value]) => value !== undefined));
}
