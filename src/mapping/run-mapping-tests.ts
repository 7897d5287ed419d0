import { canonicalJson, type Json, type JsonObject } from '../kernel/hash.ts';
import type { CompiledPlan } from './builtin.ts';
import type { MappingPlan } from './mapping-plan.ts';
import type { OutboundPlan } from './compile-outbound.ts';
import type { MappingDocument, MappingTest } from './language/mapping-document.ts';
import { lookupTables } from './lookups.ts';

/** What one of a mapping's own tests showed. */
export interface MappingTestResult {
  readonly name: string;
  readonly passed: boolean;
  /** What was expected and what came, in one line; null when it passed. */
  readonly difference: string | null;
}

/** Reads a sample file that a test names, as JSON; null where there is none. */
export type ReadSample = (path: string) => JsonObject | null;

/** Tests of a mapping take milliseconds; nobody's request waits longer than this for those of another. */
const PATIENCE_MS = 1_000;

/** The instant that tests see as `run.startedAt`. */
const TEST_INSTANT = '2026-03-02T00:00:00.000Z';

type Outcome = readonly JsonObject[] | 'skipped' | { readonly failed: string };

/**
 * Runs the `tests:` of a mapping. An expected object names the fields that matter; fields that it leaves out may be
 * anything. A list is compared item by item and must have the same length. What is left after a second fails unrun.
 */
export function runMappingTests(
  plan: CompiledPlan,
  document: MappingDocument,
  readSample: ReadSample,
): readonly MappingTestResult[] {
  const until = performance.now() + PATIENCE_MS;
  return (document.tests ?? []).map((test) => {
    const { given: written } = test;
    if (performance.now() > until) {
      const difference = `it was not run: those before it took longer than ${PATIENCE_MS} ms`;
      return { name: test.name, passed: false, difference };
    }
    const given = typeof written === 'string' ? readSample(written) : written;
    if (given === null) {
      const difference = `the sample ${JSON.stringify(written)} is not there; write the record itself`;
      return { name: test.name, passed: false, difference };
    }
    const outcome =
      plan.kind === 'inbound' ? runInbound(plan, test, given) : runOutbound(plan, test, given);
    const difference = compare(test.expect, outcome);
    return { name: test.name, passed: difference === null, difference };
  });
}

function runInbound(plan: MappingPlan, test: MappingTest, given: JsonObject): Outcome {
  const included = new Map(Object.entries(test.include ?? {}));
  const byStream = new Map(
    plan.includes.map(({ alias, stream }) => [stream, included.get(alias) ?? null]),
  );
  const result = plan.mapRecord(
    { id: test.id ?? 'record-1', stamp: null, data: given },
    {
      lookups: lookupTables(test.lookups ?? {}),
      startedAt: TEST_INSTANT,
      landed: (stream) => byStream.get(stream) ?? null,
    },
  );
  if (result.kind === 'mapped') return result.facts.map(({ body }) => body);
  return result.kind === 'skipped' ? 'skipped' : { failed: `${result.code}: ${result.message}` };
}

function runOutbound(plan: OutboundPlan, test: MappingTest, given: JsonObject): Outcome {
  const lookups = lookupTables(test.lookups ?? {});
  const result = plan.mapDocument(given, { lookups, startedAt: TEST_INSTANT });
  if (result.kind === 'mapped') return [result.fields];
  return result.kind === 'skipped' ? 'skipped' : { failed: `${result.code}: ${result.message}` };
}

function compare(expected: MappingTest['expect'], outcome: Outcome): string | null {
  if (outcome === 'skipped') return expected === 'skipped' ? null : 'the record was skipped';
  if ('failed' in outcome)
    return expected === 'failed' ? null : `the record failed (${outcome.failed})`;
  if (expected === 'skipped' || expected === 'failed') {
    return `expected it to be ${expected}, and it gave ${canonicalJson(outcome)}`;
  }
  const wanted = Array.isArray(expected) ? expected : [expected];
  if (wanted.length !== outcome.length)
    return `expected ${wanted.length} results and got ${outcome.length}`;
  for (const [index, want] of wanted.entries()) {
    const difference = firstDifference(want, outcome[index] ?? null, '');
    if (difference !== null) return difference;
  }
  return null;
}

/** Objects match where the expected keys match; everything else must be equal. */
function firstDifference(want: Json, got: Json, where: string): string | null {
  if (isObject(want) && isObject(got)) {
    for (const [key, value] of Object.entries(want)) {
      const inner = Object.hasOwn(got, key) ? (got[key] ?? null) : null;
      if (value === null && !Object.hasOwn(got, key))
        return `${where}/${key}: expected null, got nothing`;
      const difference = firstDifference(value, inner, `${where}/${key}`);
      if (difference !== null) return difference;
    }
    return null;
  }
  if (isList(want) && isList(got) && want.length === got.length) {
    return (
      want
        .map((each, index) => firstDifference(each, got[index] ?? null, `${where}/${index}`))
        .find((each) => each !== null) ?? null
    );
  }
  return canonicalJson(want) === canonicalJson(got)
    ? null
    : `${where}: expected ${canonicalJson(want)}, got ${canonicalJson(got)}`;
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
