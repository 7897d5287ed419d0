import type { Builtins } from './builtin.ts';
import { MappingDocument } from './language/mapping-document.ts';
import type { MappingProblem } from './language/mapping-problem.ts';
import { parseMapping } from './language/parse-mapping.ts';
import { readYaml } from './language/read-yaml.ts';

export type Sketch =
  | { readonly ok: true; readonly document: MappingDocument }
  | { readonly ok: false; readonly problems: readonly MappingProblem[] };

/**
 * Reads a mapping that somebody is still writing: it may lack rows that its target needs, and nothing else may be wrong
 * with it. It cannot run; it is enough to suggest the rows that it lacks.
 */
export function readSketch(text: string, builtins: Builtins): Sketch {
  const findShipped = (id: string): MappingDocument | null => builtins.find(id)?.document ?? null;
  const parsed = parseMapping(text, 'draft', builtins.steps, findShipped);
  if (parsed.ok) return { ok: true, document: parsed.mapping.document };
  const isUnfinished = parsed.problems.every(({ code }) => code === 'required_field_unmapped');
  const read = readYaml(text);
  const shaped = isUnfinished && read.ok ? MappingDocument.safeParse(read.yaml.value) : null;
  return shaped?.success === true
    ? { ok: true, document: shaped.data }
    : { ok: false, problems: parsed.problems };
}
