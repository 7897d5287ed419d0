import { beforeAll, describe, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { shippedSteps } from '../../test/support/shipped-steps.ts';
import type { JsonObject } from '../kernel/hash.ts';
import { compileOutbound, type OutboundPlan, type OutboundResult } from './compile-outbound.ts';
import { parseMapping, type Steps } from './language/parse-mapping.ts';
import { lookupTables } from './lookups.ts';

let steps: Steps;

beforeAll(async () => {
  steps = await shippedSteps();
});

const ORDER = {
  dealId: '006/1',
  opportunityRef: '006',
  opportunityName: 'Northwind',
  erpCustomerRef: '1042',
  currency: 'EUR',
  orderDate: '2026-03-02',
  lines: [
    {
      lineNumber: 1,
      skuCode: 'A',
      quantity: '25',
      unitPrice: '120.50',
      serviceFrom: '2026-04-01',
      closed: true,
    },
    { lineNumber: 2, skuCode: 'B', quantity: '1', unitPrice: '0.1', serviceFrom: '2026-04-01' },
  ],
};

function run(fields: object, document: JsonObject = ORDER, more: object = {}): OutboundResult {
  return planOf(fields, more).mapDocument(document, {
    lookups: lookupTables({}),
    startedAt: '2026-03-02T08:00:00Z',
  });
}

function planOf(fields: object, more: object = {}): OutboundPlan {
  const mapping = {
    id: 'acme.order-out',
    version: 1,
    source: { object: 'outboundOrder' },
    target: { connection: 'acme', object: 'Order' },
    ...more,
    fields,
  };
  const parsed = parseMapping(stringify(mapping), 'test.yaml', steps);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return compileOutbound(parsed.mapping, steps);
}

describe('outbound mappings', () => {
  test('dotted names build nested objects, and rows of one object meet in it', () => {
    const result = run({
      'entity.id': { from: 'src.erpCustomerRef' },
      'entity.type': { value: 'customer' },
      memo: { from: 'src.opportunityName' },
    });

    expect(result).toEqual({
      kind: 'mapped',
      fields: { entity: { id: '1042', type: 'customer' }, memo: 'Northwind' },
    });
  });

  test('each builds a list, one nested record per item that its condition lets through', () => {
    const lines = (when?: string) => ({
      'item.items': {
        each: 'src.lines',
        as: 'line',
        ...(when === undefined ? {} : { when }),
        fields: {
          'item.id': { from: 'line.skuCode' },
          rate: { from: 'line.unitPrice', to: 'number' },
          isClosed: { from: 'line.closed' },
        },
      },
    });

    const all = run(lines());
    const open = run(lines('!line.?closed.orValue(false)'));

    expect(all).toMatchObject({
      fields: {
        item: {
          items: [
            { item: { id: 'A' }, rate: 120.5, isClosed: true },
            { item: { id: 'B' }, rate: 0.1 },
          ],
        },
      },
    });
    expect(open).toMatchObject({ fields: { item: { items: [{ item: { id: 'B' } }] } } });
  });

  test('no value leaves the vendor field alone, unless the row says to clear it', () => {
    const result = run({
      kept: { from: 'src.purchaseOrderNumber' },
      cleared: { from: 'src.purchaseOrderNumber', blankPolicy: 'clear' },
    });

    expect(result).toEqual({ kind: 'mapped', fields: { cleared: null } });
  });

  test('a condition that is false writes nothing', () => {
    const result = run({ memo: { value: 'x' } }, ORDER, { when: 'has(src.subsidiaryRef)' });

    expect(result).toEqual({ kind: 'skipped' });
  });

  test('a document that commerce should not have produced is refused before it is mapped', () => {
    const result = run({ memo: { value: 'x' } }, { ...ORDER, orderDate: '2026-02-30' });

    expect(result).toMatchObject({ kind: 'failed', code: 'bad_value', row: 'orderDate' });
  });

  test('a price whose digits a number cannot hold fails instead of being rounded', () => {
    const lines = [
      {
        lineNumber: 1,
        skuCode: 'A',
        quantity: '1',
        unitPrice: '12345678901234.0123456789',
        serviceFrom: '2026-04-01',
      },
    ];

    const result = run(
      {
        lines: {
          each: 'src.lines',
          as: 'line',
          fields: { rate: { from: 'line.unitPrice', to: 'number' } },
        },
      },
      { ...ORDER, lines },
    );

    expect(result).toMatchObject({ kind: 'failed', code: 'wrong_type', row: 'lines' });
  });

  test.each(['target-wins', 'latest-wins', 'ask', 'source-wins', 'dont-sync'])(
    'a plan says which rule each field follows: %s',
    (sync) => {
      const plan = planOf({
        memo: { from: 'src.opportunityName', sync },
        tranDate: { from: 'src.orderDate' },
        note: { from: 'src.purchaseOrderNumber', sync: 'source-wins', blankPolicy: 'clear' },
        lines: { each: 'src.lines', as: 'line', fields: { rate: { from: 'line.unitPrice' } } },
      });

      expect(plan.rules).toEqual([
        { field: 'memo', rule: sync, blankPolicy: 'keep' },
        { field: 'tranDate', rule: 'prefer-source-unless-blank', blankPolicy: 'keep' },
        { field: 'note', rule: 'source-wins', blankPolicy: 'clear' },
        { field: 'lines', rule: 'source-wins', blankPolicy: 'keep' },
      ]);
    },
  );
});
