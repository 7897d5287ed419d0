import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import { ValidationError } from '../../src/kernel/errors.ts';
import type { Json } from '../../src/kernel/hash.ts';
import { loadBuiltins, type Builtins } from '../../src/mapping/builtin.ts';
import { compileExpression } from '../../src/mapping/expressions/compile-expression.ts';
import { resetBudget } from '../../src/mapping/expressions/expression-budget.ts';
import { useLookups } from '../../src/mapping/expressions/function-library.ts';
import { isEachRow, type MappingDocument } from '../../src/mapping/language/mapping-document.ts';
import { lookupTables } from '../../src/mapping/lookups.ts';
import { rowNames } from '../../src/mapping/scope-names.ts';
import { loadRegistry } from '../../src/registry/load-registry.ts';
import { secondOpinion, type Opinion } from '../support/second-engine.ts';

// Golden expressions, each on several records, through our engine and through another one that shares nothing with it but
// the functions of the library.

const FOLDER = join(import.meta.dirname, 'expressions');
const AnyJson: z.ZodType<Json> = z.json();
const Outcome = z.union([
  z.strictObject({ value: AnyJson }),
  z.strictObject({ fails: z.literal(true) }),
]);
type Outcome = z.infer<typeof Outcome>;
const Cases = z.strictObject({
  cases: z.array(
    z
      .object({ expr: z.string(), all: Outcome.optional() })
      .catchall(z.union([Outcome, z.string()])),
  ),
});
const Inputs = z.strictObject({
  inputs: z.record(z.string(), z.record(z.string(), AnyJson)),
  lookups: z.record(z.string(), z.record(z.string(), AnyJson)),
});

const read = (name: string): unknown => JSON.parse(readFileSync(join(FOLDER, name), 'utf8'));
const { inputs, lookups } = Inputs.parse(read('inputs.json'));
const files = readdirSync(FOLDER).filter((name) => name !== 'inputs.json');
const golden = files.flatMap((name) =>
  Cases.parse(read(name)).cases.map((each) => [each.expr, each] as const),
);

/** Where the engines differ, and why that is right. */
const DIFFERENT: Readonly<Record<string, string>> = {
  '3 == 3.0': 'our check refuses literals of two types before the first record',
  '1 == "1"': 'our check refuses literals of two types before the first record',
  '[1, 2] == [1.0, 2.0]': 'our check refuses literals of two types before the first record',
  '1 in [1.0, 2.0]': 'our check refuses literals of two types before the first record',
  'has(src.Nothing)':
    'CEL asks whether the key is there; the other engine says no where it holds null',
  '[].all(x, x > 1)': 'our check cannot type the items of an empty literal, and refuses it at save',
  '[].exists(x, x > 1)':
    'our check cannot type the items of an empty literal, and refuses it at save',
};

type Scope = Readonly<Record<string, Json>>;

function ours(text: string, scope: Scope): Opinion {
  resetBudget();
  try {
    return { value: compileExpression(text, Object.keys(scope)).evaluate({ ...scope }) };
  } catch (error) {
    if (error instanceof ValidationError) return { failed: error.message };
    throw error;
  }
}

/** The value, or that there is none: why an engine fails is its own affair. */
const outcomeOf = (opinion: Opinion): Outcome =>
  'value' in opinion ? { value: opinion.value } : { fails: true };

function scopeOf(src: Json): Scope {
  return {
    src,
    record: { id: 'rec-1', stamp: null },
    run: { startedAt: '2026-03-02T00:00:00Z' },
  };
}

beforeAll(() => useLookups(lookupTables(lookups)));

describe('the golden expressions', () => {
  test('are a hundred and fifty at least, and no two are the same', () => {
    const texts = golden.map(([text]) => text);

    expect(new Set(texts).size).toBe(texts.length);
    expect(texts.length).toBeGreaterThanOrEqual(150);
    expect(texts).toEqual(expect.arrayContaining(Object.keys(DIFFERENT)));
  });

  test.each(golden)('%s', (text, expected) => {
    for (const [name, src] of Object.entries(inputs)) {
      const scope = scopeOf(src);
      const wanted = expected.all ?? expected[name];

      const [first, second] = [ours(text, scope), secondOpinion(text, scope)].map(outcomeOf);

      expect([name, first]).toEqual([name, wanted]);
      expect([name, text in DIFFERENT ? wanted : second]).toEqual([name, wanted]);
    }
  });

  test('differ where it is said that they do, and nowhere else', () => {
    const differing = golden.filter(([text]) =>
      Object.values(inputs).some((src) => {
        const outcomes = [ours(text, scopeOf(src)), secondOpinion(text, scopeOf(src))].map(
          outcomeOf,
        );
        return JSON.stringify(outcomes[0]) !== JSON.stringify(outcomes[1]);
      }),
    );

    expect(differing.map(([text]) => text).toSorted()).toEqual(Object.keys(DIFFERENT).toSorted());
  });
});

describe('the expressions of the shipped mappings', () => {
  let builtins: Builtins;

  beforeAll(async () => {
    const registry = await loadRegistry();
    builtins = await loadBuiltins(registry.mappingsDir, registry.transforms);
  });

  test('give the same in both engines on the records of their own tests', () => {
    const compared = builtins.mappings.flatMap(({ document }) =>
      scopesOf(document).flatMap((scope) =>
        expressionsOf(document).map((text) => {
          const [first, second] = [ours(text, scope), secondOpinion(text, scope)].map(outcomeOf);
          return { where: `${document.id}: ${text}`, first, second };
        }),
      ),
    );

    expect(compared.length).toBeGreaterThan(150);
    expect(compared.filter(({ first }) => first !== undefined && 'value' in first).length).toBeGreaterThan(100); // prettier-ignore
    for (const { where, first, second } of compared)
      expect([where, second]).toEqual([where, first]);
  });
});

function expressionsOf(document: MappingDocument): readonly string[] {
  const rows = Object.values(document.fields);
  const own = [document.when, document.forEach?.when];
  return [...own, ...rows.map((row) => (isEachRow(row) ? undefined : row.expr))].filter(
    (text) => text !== undefined,
  );
}

/** What the rows of a mapping see on each record of its tests, once per item of its loop. */
function scopesOf(document: MappingDocument): readonly Scope[] {
  const names = rowNames(document);
  return (document.tests ?? []).flatMap(({ given, include = {}, id = 'record-1' }) => {
    if (typeof given === 'string') return [];
    const base: Scope = {
      ...Object.fromEntries(names.map((name) => [name, null])),
      ...include,
      ...scopeOf(given),
      record: { id, stamp: null },
    };
    const { forEach } = document;
    const items = forEach === undefined ? null : given[forEach.items.replace('src.', '')];
    if (forEach === undefined || !Array.isArray(items)) return [base];
    return items.map((item: Json) => ({ ...base, [forEach.as]: item }));
  });
}
