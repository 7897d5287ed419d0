import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { stringify } from 'yaml';
import { ConfigError } from '../kernel/errors.ts';
import type { JsonObject } from '../kernel/hash.ts';
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
  /** A shipped mapping as its file has it, with its comments; null for an id that is not shipped. */
  textOf(id: string): string | null;
  /** The record in a sample file that a test of a shipped mapping names; null where there is none. */
  readonly sample: (path: string) => JsonObject | null;
  /** The compiled form; mappings of the same content share one. */
  plan(mapping: Mapping): CompiledPlan;
  /** A checked mapping of this content from the cache, or what `make` gives. */
  recall(hash: string, make: () => Mapping): Mapping;
}

/** The folder of sample records, as tests of shipped mappings name them. */
const SAMPLES = `samples${sep}`;

/** Mappings and plans kept per process: shipped ones and what tenants published. */
const MAX_CACHED = 2_000;

/**
 * Reads every `*.yaml` below the directory and checks it. Throws a ConfigError that names the file and its first
 * problem, so that a broken mapping stops the start and not a run.
 */
export async function loadBuiltins(directory: string, steps: Steps): Promise<Builtins> {
  const names = await readdir(directory, { recursive: true });
  const files = names.filter((name) => name.endsWith('.yaml')).sort();
  const read = await Promise.all(
    files.map((name) => readBuiltin(join(directory, name), name, steps)),
  );
  const texts = new Map(read.map(({ mapping, text }) => [mapping.document.id, text]));
  const samples = names.filter((name) => name.startsWith(SAMPLES) && name.endsWith('.json')).sort();
  const given = await Promise.all(
    samples.map(async (name) => [name, await readSample(join(directory, name), name)] as const),
  );
  return builtinsOf(
    read.map(({ mapping }) => mapping),
    steps,
    { texts, samples: new Map(given) },
  );
}

async function readSample(path: string, name: string): Promise<JsonObject> {
  const record = jsonRecord(await readFile(path, 'utf8'));
  if (record !== null) return record;
  throw new ConfigError(`The sample ${name} is not one JSON object. Write one record into it.`);
}

/** The record that a text of JSON holds; null for a text that holds anything else. */
export function jsonRecord(text: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as JsonObject)
      : null;
  } catch {
    return null;
  }
}

/** What lies beside the shipped mappings: their texts by id, and their sample records by path. */
interface BesideMappings {
  readonly texts?: ReadonlyMap<string, string>;
  readonly samples?: ReadonlyMap<string, JsonObject>;
}

/**
 * Makes the set from mappings that were parsed already, with their texts and samples where they are known. Throws a ConfigError
 * where two have one id.
 */
export function builtinsOf(
  mappings: readonly Mapping[],
  steps: Steps,
  { texts = new Map(), samples = new Map() }: BesideMappings = {},
): Builtins {
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
    textOf: (id) => {
      const mapping = byId.get(id);
      return mapping === undefined
        ? null
        : (texts.get(id) ?? stringify(mapping.document, { aliasDuplicateObjects: false }));
    },
    sample: (path) => samples.get(path) ?? null,
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

async function readBuiltin(
  path: string,
  name: string,
  steps: Steps,
): Promise<{ readonly mapping: Mapping; readonly text: string }> {
  const text = await readFile(path, 'utf8');
  const parsed = parseMapping(text, relative('.', path), steps);
  if (parsed.ok) return { mapping: parsed.mapping, text };
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
