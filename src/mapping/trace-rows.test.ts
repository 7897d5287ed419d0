import { expect, test } from '@jest/globals';
import { shippedSteps } from '../../test/support/shipped-steps.ts';
import { compileMapping } from './compile.ts';
import { parseMapping, type Mapping } from './language/parse-mapping.ts';
import { lookupTables } from './lookups.ts';
import type { LandedRecord, MapContext } from './mapping-plan.ts';
import { tracer } from './trace-rows.ts';

const steps = await shippedSteps();
const CONTEXT: MapContext = {
  lookups: lookupTables({ skus: { A: 'SKU-A' } }),
  landed: (stream, id) =>
    stream === 'Opportunity' && id === 'o1' ? { CurrencyIsoCode: 'EUR' } : null,
  startedAt: '2026-03-02T00:00:00Z',
};

function mapping(fields: string, more = ''): Mapping {
  const parsed = parseMapping(
    `id: acme.line\nversion: 1\nsource: { connection: salesforce, object: Line }\ntarget: { object: opportunityLine }\n${more}fields:\n${fields}`,
    'test.yaml',
    steps,
  );
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.mapping;
}

const ROWS = `  externalRef: { from: record.id, key: true }
  opportunityRef: { from: src.OpportunityId }
  skuCode: { from: src.Code, lookup: skus, onMissing: error }
  quantity: { from: src.Quantity, to: decimal }
  unitPrice: { from: src.Price, to: decimal }
`;
const record = (data: LandedRecord['data']): LandedRecord => ({ id: 'l1', stamp: null, data });

test('a record that fails shows every row that fails, and what all others give', () => {
  const [rows = []] = tracer(mapping(ROWS), steps)(
    record({ OpportunityId: 'o1', Code: 'B', Quantity: 'many', Prise: 1 }),
    CONTEXT,
  );

  const told = rows.map(({ row, path, value, error }) => [row, path, value, error?.code ?? null]);
  expect(told).toEqual([
    ['externalRef', 'record.id', 'l1', null],
    ['opportunityRef', 'src.OpportunityId', 'o1', null],
    ['skuCode', 'src.Code', null, 'lookup_missing'],
    ['quantity', 'src.Quantity', null, 'wrong_type'],
    ['unitPrice', 'src.Price', null, 'missing_value'],
  ]);
  expect(rows.at(-1)?.error?.message).toContain('Did you mean "Prise"?');
  expect(JSON.stringify(rows.map(({ error }) => error))).not.toContain('many');
});

test('rows see included records and the items of a loop, as the compiled plan does', () => {
  const looped = mapping(
    `  externalRef: { expr: 'record.id + "-" + text(line.n)', key: true }\n  opportunityRef: { from: src.OpportunityId }\n  skuCode: { from: line.code }\n  quantity: { value: '1' }\n  unitPrice: { value: '1' }\n  currency: { from: opp.CurrencyIsoCode }\n`,
    'include: { opp: { stream: Opportunity, id: src.OpportunityId } }\nforEach: { items: src.lines, as: line }\n',
  );
  const given = record({
    OpportunityId: 'o1',
    lines: [
      { n: 1, code: 'A' },
      { n: 2, code: 'B' },
    ],
  });

  const traced = tracer(looped, steps)(given, CONTEXT);

  const plan = compileMapping(looped, steps).mapRecord(given, CONTEXT);
  const bodies = traced.map((rows) =>
    Object.fromEntries(rows.map(({ row, value }) => [row, value])),
  );
  expect(plan).toMatchObject({ kind: 'mapped', facts: bodies.map((body) => ({ body })) });
  expect(bodies).toHaveLength(2);
  expect(bodies[1]).toMatchObject({ externalRef: 'l1-2', currency: 'EUR' });
});

test('what is no list for a loop gives no items', () => {
  const looped = mapping(ROWS, 'forEach: { items: src.lines, as: line }\n');

  expect(tracer(looped, steps)(record({ lines: 'x' }), CONTEXT)).toEqual([]);
});
