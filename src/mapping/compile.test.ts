import { beforeAll, describe, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { shippedSteps } from '../../test/support/shipped-steps.ts';
import type { JsonObject } from '../kernel/hash.ts';
import { compileMapping } from './compile.ts';
import type { MapContext, MapResult, MappingPlan } from './mapping-plan.ts';
import { parseMapping, type Steps } from './language/parse-mapping.ts';
import { lookupTables } from './lookups.ts';

let steps: Steps;

beforeAll(async () => {
  steps = await shippedSteps();
});

const LINE = {
  id: 'acme.line',
  version: 3,
  source: { connection: 'acme', object: 'Deal' },
  target: { object: 'orderLine' },
};
const ROWS = {
  externalRef: { from: 'record.id', key: true },
  orderRef: { from: 'record.id' },
  lineNumber: { value: 1 },
  skuCode: { from: 'src.Code' },
  quantity: { from: 'src.Quantity', to: 'decimal' },
  unitPrice: { from: 'src.Price', to: 'decimal' },
};

function planOf(document: object): MappingPlan {
  const parsed = parseMapping(stringify(document), 'test.yaml', steps);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return compileMapping(parsed.mapping, steps);
}

const CONTEXT: MapContext = {
  lookups: lookupTables({ skus: { 'CRM-1': 'SKU-1' } }),
  startedAt: '2026-03-02T08:00:00Z',
  landed: (stream, id) =>
    stream === 'Account' && id === 'acc-1' ? { Name: 'Northwind', Currency: 'EUR' } : null,
};

function run(rows: object, data: JsonObject, document: object = {}): MapResult {
  return planOf({ ...LINE, ...document, fields: { ...ROWS, ...rows } }).mapRecord(
    { id: 'rec-1', stamp: null, data },
    CONTEXT,
  );
}

function bodyOf(result: MapResult): JsonObject {
  if (result.kind !== 'mapped') throw new Error(JSON.stringify(result));
  return result.facts[0]?.body ?? {};
}

const DEAL = { Code: 'CRM-1', Quantity: 25, Price: 120.5 };

describe('mapping one record', () => {
  test('gives a fact of the noun with the defaults of its schema', () => {
    const result = run({}, DEAL);

    expect(result).toEqual({
      kind: 'mapped',
      facts: [
        {
          noun: 'orderLine',
          body: {
            externalRef: 'rec-1',
            orderRef: 'rec-1',
            lineNumber: 1,
            skuCode: 'CRM-1',
            quantity: '25',
            unitPrice: '120.5',
            closed: false,
            quantityBilled: '0',
          },
        },
      ],
    });
  });

  test('a condition that is false skips the record, one that is no yes or no fails it', () => {
    const skipped = run({}, DEAL, { when: 'src.Quantity > 100' });
    const failed = run({}, DEAL, { when: 'src.Code' });

    expect(skipped).toEqual({ kind: 'skipped' });
    expect(failed).toMatchObject({
      kind: 'failed',
      code: 'bad_condition',
      row: null,
      path: 'src.Code',
    });
  });

  test('steps run in order, and an argument that is a path is read from the record', () => {
    const result = run(
      {
        skuCode: { from: 'src.Empty', steps: [{ default: 'src.Code' }, 'lower', { prefix: 'x-' }] },
      },
      { ...DEAL, Empty: '' },
    );

    expect(bodyOf(result)['skuCode']).toBe('x-crm-1');
  });

  test('blank text is no value, so the default takes its place', () => {
    const result = run(
      { currency: { from: 'src.Currency', default: 'USD' } },
      { ...DEAL, Currency: '' },
    );

    expect(bodyOf(result)['currency']).toBe('USD');
  });

  test('a row that does not sync is left out', () => {
    const result = run(
      { currency: { from: 'src.Currency', sync: 'dont-sync' } },
      { ...DEAL, Currency: 'EUR' },
    );

    expect(bodyOf(result)).not.toHaveProperty('currency');
  });

  test('now is when the run started, so a replay gives the same answer', () => {
    const result = run({ validFrom: { expr: 'date(run.startedAt)' } }, DEAL);

    expect(bodyOf(result)['validFrom']).toBe('2026-03-02');
  });
});

describe('lookups', () => {
  test.each([
    ['a known key', 'CRM-1', {}, { skuCode: 'SKU-1' }],
    ['an unknown key kept', 'CRM-2', { onMissing: 'keep' }, { skuCode: 'CRM-2' }],
    [
      'an unknown key with a default',
      'CRM-2',
      { onMissing: 'null', default: 'SKU-0' },
      { skuCode: 'SKU-0' },
    ],
  ])('%s', (_name, code, options, expected) => {
    const result = run(
      { skuCode: { from: 'src.Code', lookup: 'skus', ...options } },
      { ...DEAL, Code: code },
    );

    expect(bodyOf(result)).toMatchObject(expected);
  });

  test('an unknown key fails the record without repeating the key', () => {
    const result = run(
      { skuCode: { lookup: { table: 'skus', key: 'src.Code' } } },
      { ...DEAL, Code: 'CRM-SECRET' },
    );

    expect(result).toMatchObject({
      kind: 'failed',
      code: 'lookup_missing',
      row: 'skuCode',
      path: 'src.Code',
    });
    expect(JSON.stringify(result)).not.toContain('CRM-SECRET');
  });

  test('skip leaves the record out', () => {
    const result = run(
      { skuCode: { from: 'src.Code', lookup: 'skus', onMissing: 'skip' } },
      { ...DEAL, Code: 'CRM-2' },
    );

    expect(result).toEqual({ kind: 'skipped' });
  });

  test('the plan names every table that it reads, in rows, expressions and conditions', () => {
    const plan = planOf({
      ...LINE,
      when: 'lookup("stages", src.Stage) == true',
      fields: {
        ...ROWS,
        skuCode: { from: 'src.Code', lookup: 'skus' },
        currency: { expr: 'lookup("currencies", src.C)' },
      },
    });

    expect([...plan.lookups].sort()).toEqual(['currencies', 'skus', 'stages']);
  });
});

describe('loops', () => {
  const loop = { forEach: { items: 'src.lines', as: 'line', when: 'has(line.Code)' } };
  const rows = {
    externalRef: { expr: 'record.id + "-" + text(line.n)', key: true },
    skuCode: { from: 'line.Code' },
    lineNumber: { from: 'line.n' },
  };

  test('give one fact per item that the loop condition lets through', () => {
    const lines = [{ n: 1, Code: 'A' }, { n: 2 }, { n: 3, Code: 'C' }];

    const result = run(rows, { ...DEAL, lines }, loop);

    expect(result).toMatchObject({
      kind: 'mapped',
      facts: [
        { body: { externalRef: 'rec-1-1', skuCode: 'A' } },
        { body: { externalRef: 'rec-1-3', lineNumber: 3 } },
      ],
    });
  });

  test('over a list that is absent or empty give no fact', () => {
    const absent = run(rows, DEAL, loop);
    const empty = run(rows, { ...DEAL, lines: [] }, loop);

    expect([absent, empty]).toEqual([
      { kind: 'mapped', facts: [] },
      { kind: 'mapped', facts: [] },
    ]);
  });

  test('one item that does not map fails the whole record, so that no line is lost alone', () => {
    const result = run(
      rows,
      {
        ...DEAL,
        lines: [
          { n: 1, Code: 'A' },
          { n: 'two', Code: 'B' },
        ],
      },
      loop,
    );

    expect(result).toMatchObject({ kind: 'failed', row: 'lineNumber', path: 'line.n' });
  });

  test('over what is no list fail', () => {
    const result = run(rows, { ...DEAL, lines: 'A,B' }, loop);

    expect(result).toMatchObject({ kind: 'failed', code: 'bad_loop', path: 'src.lines' });
  });
});

describe('included records', () => {
  const include = { include: { account: { stream: 'Account', id: 'src.AccountId' } } };

  test('are read by alias, and the plan names them for the dependency index', () => {
    const document = {
      ...LINE,
      ...include,
      fields: { ...ROWS, currency: { from: 'account.Currency' } },
    };
    const record = { id: 'rec-1', stamp: null, data: { ...DEAL, AccountId: 'acc-1' } };
    const plan = planOf(document);

    const result = plan.mapRecord(record, CONTEXT);

    expect(bodyOf(result)['currency']).toBe('EUR');
    expect(plan.includeRefs(record)).toEqual([
      { alias: 'account', stream: 'Account', id: 'acc-1' },
    ]);
  });

  test('that are not landed yet are no value, but stay in the dependency index', () => {
    const document = {
      ...LINE,
      ...include,
      fields: { ...ROWS, currency: { expr: 'account.?Currency.orValue("USD")' } },
    };
    const record = { id: 'rec-1', stamp: null, data: { ...DEAL, AccountId: 'acc-2' } };
    const plan = planOf(document);

    const result = plan.mapRecord(record, CONTEXT);

    expect(bodyOf(result)['currency']).toBe('USD');
    expect(plan.includeRefs(record)).toHaveLength(1);
    expect(plan.includeRefs({ ...record, data: DEAL })).toEqual([]);
  });
});

describe('what does not map', () => {
  test.each<[string, object, JsonObject, object]>([
    [
      'a field that is absent',
      {},
      { ...DEAL, Code: null },
      { code: 'missing_value', row: 'skuCode', path: 'src.Code' },
    ],
    [
      'a key that is absent',
      { externalRef: { from: 'src.Key', key: true } },
      DEAL,
      { code: 'missing_key', row: 'externalRef' },
    ],
    [
      'a row that needs a value',
      { currency: { from: 'src.C', onMissing: 'error' } },
      DEAL,
      { code: 'missing_value', row: 'currency', path: 'src.C' },
    ],
    [
      'a figure that is none',
      {},
      { ...DEAL, Quantity: 'hunter2' },
      { code: 'wrong_type', row: 'quantity', path: 'src.Quantity' },
    ],
    [
      'a value that the noun refuses',
      { currency: { from: 'src.C' } },
      { ...DEAL, C: 'hunter2' },
      { code: 'bad_value', row: 'currency', path: 'src.C' },
    ],
    [
      'a step that cannot read',
      { validFrom: { from: 'src.D', steps: ['next-day'] } },
      { ...DEAL, D: 'hunter2' },
      { code: 'step_failed', row: 'validFrom', path: 'src.D' },
    ],
    [
      'an expression that fails',
      { currency: { expr: 'src.C.D' } },
      { ...DEAL, C: { E: 'hunter2' } },
      { code: 'no_such_key', row: 'currency', path: 'src.C.D' },
    ],
    [
      'a list in a text field',
      { skuCode: { from: 'src.L' } },
      { ...DEAL, L: ['hunter2'] },
      { code: 'bad_value', row: 'skuCode' },
    ],
    [
      'digits that JSON lost',
      {},
      { ...DEAL, Quantity: 2 ** 60 },
      { code: 'wrong_type', row: 'quantity' },
    ],
  ])(
    '%s fails with row and path, and tells no value of the record',
    (_name, rows, data, expected) => {
      const result = run(rows, data);

      expect(result).toMatchObject({ kind: 'failed', ...expected });
      expect(JSON.stringify(result)).not.toContain('hunter2');
    },
  );

  test('a misspelt source field is answered with the field that was probably meant', () => {
    const result = run({ skuCode: { from: 'src.Cod' } }, DEAL);

    expect(result).toMatchObject({
      code: 'missing_value',
      message: expect.stringContaining('Did you mean "Code"?'),
    });
  });

  test('the failure says what kind of value came, in words', () => {
    const result = run({}, { ...DEAL, Quantity: 'hunter2' });

    expect(result).toMatchObject({
      message:
        'Field "quantity": expected a decimal number such as 1200.50, got text of 7 characters',
    });
  });

  test('records are independent: a costly one does not spend the budget of the next', () => {
    const document = {
      ...LINE,
      fields: {
        ...ROWS,
        currency: { expr: 'src.many.all(a, src.many.exists(b, b == a)) ? "EUR" : "USD"' },
      },
    };
    const plan = planOf(document);
    const many = Array.from({ length: 3_000 }, (_, at) => at);

    const costly = plan.mapRecord({ id: 'a', stamp: null, data: { ...DEAL, many } }, CONTEXT);
    const cheap = plan.mapRecord({ id: 'b', stamp: null, data: { ...DEAL, many: [1] } }, CONTEXT);

    expect(costly).toMatchObject({ kind: 'failed', code: 'expression_too_costly' });
    expect(bodyOf(cheap)['currency']).toBe('EUR');
  });
});
