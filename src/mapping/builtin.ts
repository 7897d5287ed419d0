import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { ConfigError } from '../kernel/errors.ts';
import { compileMapping } from './compile.ts';
import { compileOutbound, type OutboundPlan } from './compile-outbound.ts';
import { directionOf } from './language/direction.ts';
import type { MappingProblem } from './language/mapping-problem.ts';
import { parseMapping, type Mapping, type Steps } from './language/parse-mapping.ts';
import type { MappingPlan } from './mapping-plan.ts';

/** A mapping that is ready to run, whichever way it goes. */
export type CompiledPlan = MappingPlan | OutboundPlan;

/** The shipped mappings: immutable, and in effect wherever a tenant has published no other of the same id. */
export interface Builtins {
  readonly mappings: readonly Mapping[];
  readonly steps: Steps;
  /** The shipped mapping of that id, or null. */
  find(id: string): Mapping | null;
  /** The compiled form; mappings of the same content share one. */
  plan(mapping: Mapping): CompiledPlan;
  /** A checked mapping of this content from the cache, or what `make` gives. */
  recall(hash: string, make: () => Mapping): Mapping;
}

/** Mappings and plans kept per process: shipped ones and what tenants published. */
const MAX_CACHED = 2_000;

/**
 * Reads every `*.yaml` below the directory and checks it. Throws a ConfigError that names the file and its first
 * problem, so that a broken mapping stops the start and not a run.
 */
export async function loadBuiltins(directory: string, steps: Steps): Promise<Builtins> {
  const names = await readdir(directory, { recursive: true });
  const files = names.filter((name) => name.endsWith('.yaml')).sort();
  const mappings = await Promise.all(
    files.map((name) => readBuiltin(join(directory, name), name, steps)),
  );
  return builtinsOf(mappings, steps);
}

/** Makes the set from mappings that were parsed already. Throws a ConfigError where two have one id. */
export function builtinsOf(mappings: readonly Mapping[], steps: Steps): Builtins {
  const byId = new Map<string, Mapping>();
  for (const mapping of mappings) {
    const twin = byId.get(mapping.document.id);
    if (twin !== undefined) {
      throw new ConfigError(
        `${mapping.origin} and ${twin.origin} have the same id "${mapping.document.id}". Rename one.`,
      );
    }
    byId.set(mapping.document.id, mapping);
  }
  const plans = new Map<string, CompiledPlan>();
  const recalled = new Map<string, Mapping>();
  return {
    mappings,
    steps,
    find: (id) => byId.get(id) ?? null,
    plan: (mapping) => remembered(plans, mapping.hash, () => compileAny(mapping, steps)),
    recall: (hash, make) => remembered(recalled, hash, make),
  };
}

function remembered<Value>(cache: Map<string, Value>, key: string, make: () => Value): Value {
  const known = cache.get(key);
  if (known !== undefined) return known;
  const made = make();
  const oldest = cache.size >= MAX_CACHED ? cache.keys().next().value : undefined;
  if (oldest !== undefined) cache.delete(oldest);
  cache.set(key, made);
  return made;
}

/** Compiles a checked mapping in its own direction. */
export function compileAny(mapping: Mapping, steps: Steps): CompiledPlan {
  const direction = directionOf(mapping.document);
  const outbound = 'kind' in direction && direction.kind === 'outbound';
  return outbound ? compileOutbound(mapping, steps) : compileMapping(mapping, steps);
}

async function readBuiltin(path: string, name: string, steps: Steps): Promise<Mapping> {
  const parsed = parseMapping(await readFile(path, 'utf8'), relative('.', path), steps);
  if (parsed.ok) return parsed.mapping;
  const [first] = parsed.problems;
  throw new ConfigError(`The mapping ${name} does not fit: ${describeProblem(first)}`, {
    details: { file: name, problems: parsed.problems },
  });
}

/** A problem as one line of text. */
export function describeProblem(problem: MappingProblem | undefined): string {
  if (problem === undefined) return 'unknown problem.';
  const line = problem.line === null ? '' : ` (line ${problem.line})`;
  return `${problem.pointer || '/'}${line}: ${problem.message}${problem.hint === null ? '' : ` ${problem.hint}`}`;
}
