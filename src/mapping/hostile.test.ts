import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { CODE, COST, ending, PLACES } from '../../test/support/hostile-mappings.ts';
import { shippedSteps } from '../../test/support/shipped-steps.ts';
import type { MapResult } from './mapping-plan.ts';
import { compileAny } from './builtin.ts';
import { parseMapping, type Steps } from './language/parse-mapping.ts';
import { runMappingTests } from './run-mapping-tests.ts';

// What people have sent to the expression engines of other tools, and what would hold a process up (fault case 85).

let steps: Steps;

beforeAll(async () => {
  steps = await shippedSteps();
  process.env['TRUEUP_CANARY'] = SECRET;
});
afterAll(() => {
  delete process.env['TRUEUP_CANARY'];
});

/** What code that ran would have changed. */
const SECRET = `canary-${process.pid}`;
function traces(): readonly unknown[] {
  return [
    Reflect.get(globalThis, 'pwned'),
    Reflect.get({}, 'polluted'),
    Reflect.get([], 'polluted'),
    Object.keys(Object.prototype).length,
    process.exitCode,
  ];
}

/** What the rows wrote. */
const namesOf = (result: MapResult): readonly unknown[] =>
  result.kind === 'mapped' ? result.facts.map(({ body }) => body['name']) : [];

/** The payload itself as a constant or what its quotes hold, or a text of the record or the expression. */
const isHarmless = (payload: string) => (name: unknown) =>
  name === payload ||
  JSON.stringify(name) === payload ||
  (typeof name === 'string' && /^(A|own|none)$/.test(name));

const MOST_MS = 200;

describe('code that is sent to be run', () => {
  test.each(CODE)('is data: %s', (payload) => {
    const before = traces();

    const endings = Object.values(PLACES).map((place) => ending(place(payload), steps));

    expect(traces()).toEqual(before);
    expect(JSON.stringify(endings)).not.toContain(SECRET);
    const pointers = endings.flatMap((each) => ('refused' in each ? each.refused : []));
    const written = endings.flatMap((each) => ('result' in each ? namesOf(each.result) : []));
    expect(pointers).toEqual(pointers.filter((pointer) => pointer !== ''));
    expect(written).toEqual(written.filter(isHarmless(payload)));
  });
});

const PROCESS = fileURLToPath(import.meta.resolve('../../test/support/hostile-process.ts'));

describe('expressions that would take for ever', () => {
  test('are refused or end within 200 ms each, and the process that met them all lives', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [PROCESS], { timeout: 120_000 });

    const costs = JSON.parse(stdout) as readonly (readonly [string, number])[];
    expect(costs).toHaveLength(COST.length);
    expect(costs.filter(([, ms]) => ms > MOST_MS)).toEqual([]);
  }, 130_000);

  test('do not take their time from the next record', () => {
    const [payload = ''] = COST;
    const place = PLACES['expression'];
    const costly = ending(place?.(payload) ?? '', steps);

    const next = ending(place?.('src.Code') ?? '', steps);

    expect(costly).toMatchObject({ result: { code: 'expression_too_costly' } });
    expect(next).toMatchObject({ result: { kind: 'mapped' } });
  });

  test('do not hold the process up as the tests of a mapping: those that are left fail unrun', () => {
    const many = Array.from({ length: 200 }, (_, at) => at);
    const tests = Array.from({ length: 200 }, (_, at) => ({
      name: `test ${at}`,
      given: { Code: 'A', many },
      expect: 'failed',
    }));
    const place = PLACES['expression'];
    const costly = place?.('src.many.map(a, src.many.map(b, a * b))') ?? '';
    const parsed = parseMapping(`${costly}tests: ${JSON.stringify(tests)}\n`, 'a.yaml', steps);
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
    const plan = compileAny(parsed.mapping, steps);
    const began = performance.now();

    const results = runMappingTests(plan, parsed.mapping.document, () => null);

    expect(performance.now() - began).toBeLessThan(1_000 + MOST_MS + 300);
    expect(results).toHaveLength(200);
    expect(results[0]?.passed).toBe(true);
    expect(results.at(-1)).toMatchObject({
      passed: false,
      difference: expect.stringContaining('not run'),
    });
  });
});
