import { beforeAll, describe, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { shippedSteps } from '../../test/support/shipped-steps.ts';
import { checkAgainst, type AgainstProblem } from './check-against.ts';
import type { Described } from './language/described.ts';
import { parseMapping, type Steps } from './language/parse-mapping.ts';

let steps: Steps;

beforeAll(async () => {
  steps = await shippedSteps();
});

const DESCRIBED: Described = new Map([
  [
    'Deal',
    {
      fields: {
        Code: { type: 'string', label: 'Code' },
        Quantity: { type: 'double', label: 'Quantity' },
        Price: { type: 'currency', label: 'Price' },
        Active: { type: 'boolean', label: 'Active' },
        StartDate: { type: 'date', label: 'Start' },
        Changed: { type: 'datetime', label: 'Changed' },
        StageName: { type: 'picklist', label: 'Stage', options: ['Open', 'Closed Won'] },
        Size__c: { type: 'picklist', options: ['small', 'large'], custom: true },
        AccountId: { type: 'reference' },
        'name.givenName': { type: 'string' },
        'emails.value': { type: 'string' },
        emails: { type: 'complex[]' },
      },
      seen: ['lines'],
    },
  ],
  ['Account', { fields: { Name: { type: 'string' }, Employees: { type: 'int' } } }],
  [
    'Order',
    {
      fields: {
        memo: { type: 'string' },
        total: { type: 'number' },
        done: { type: 'boolean' },
        tranDate: { type: 'date' },
        entity: { type: 'reference' },
        createdAt: { type: 'datetime', readOnly: true },
        terms: { type: 'picklist', options: ['Net 30', 'Net 60'] },
        'item.items.rate': { type: 'number' },
      },
    },
  ],
]);

const LINE = {
  id: 'acme.line',
  version: 1,
  source: { connection: 'acme', object: 'Deal' },
  include: { account: { stream: 'Account', id: 'src.AccountId' } },
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

function problemsOf(document: object): readonly AgainstProblem[] {
  const parsed = parseMapping(stringify(document), 'test.yaml', steps);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return checkAgainst(parsed.mapping.document, DESCRIBED, steps);
}

const inbound = (rows: object, more: object = {}) =>
  problemsOf({ ...LINE, ...more, fields: { ...ROWS, ...rows } });
const outbound = (fields: object, more: object = {}) =>
  problemsOf({
    id: 'acme.out',
    version: 1,
    source: { object: 'outboundOrder' },
    target: { connection: 'acme', object: 'Order' },
    ...more,
    fields,
  });

describe('a mapping against the fields that are described', () => {
  test.each<[string, object, object]>([
    [
      'a path to a field that is not there',
      { skuCode: { from: 'src.Cod' } },
      { pointer: '/fields/skuCode/from', code: 'unknown_field', hint: 'Did you mean "Code"?' },
    ],
    [
      'a path into an included record',
      { currency: { from: 'account.Nmae' } },
      { pointer: '/fields/currency/from', code: 'unknown_field', hint: 'Did you mean "Name"?' },
    ],
    [
      'a part of a field',
      { skuCode: { from: 'src.name.givenNam' } },
      { code: 'unknown_field', hint: 'Did you mean "givenname"?' },
    ],
    [
      'the key of a lookup',
      { skuCode: { lookup: { table: 'skus', key: 'src.Coed' } } },
      { pointer: '/fields/skuCode/lookup/key', hint: 'Did you mean "Code"?' },
    ],
    [
      'the argument of a step',
      { skuCode: { from: 'src.Code', steps: [{ default: 'src.Codes' }] } },
      { pointer: '/fields/skuCode/steps/0/default', code: 'unknown_field' },
    ],
    [
      'a member of an expression, with its place',
      { skuCode: { expr: 'lower(src.Cde) + src.Code' } },
      { pointer: '/fields/skuCode/expr', code: 'unknown_field', at: 10, severity: 'error' },
    ],
    [
      'a member that may be absent is a warning',
      { skuCode: { expr: 'coalesce(src.?Cde, src.Code)' } },
      { code: 'unknown_field', severity: 'warning', hint: 'Did you mean "Code"?' },
    ],
    [
      'arithmetic with text',
      { quantity: { expr: 'src.Code * 2', to: 'decimal' } },
      {
        code: 'type_mismatch',
        at: 0,
        hint: 'Write multiply(a, b), which reads figures from text.',
      },
    ],
    [
      'text joined with a number',
      { skuCode: { expr: '"P" + src.Quantity' } },
      { code: 'type_mismatch', at: 6, hint: expect.stringContaining('text(…)') },
    ],
    [
      'a number that is compared with text',
      { closed: { expr: 'src.Quantity > "5"' } },
      { code: 'type_mismatch', at: 15 },
    ],
    [
      'a number as a condition',
      { skuCode: { expr: 'src.Quantity ? "a" : "b"' } },
      { code: 'type_mismatch', at: 0 },
    ],
    [
      'a date function on a number',
      { validFrom: { expr: 'addMonths(src.Quantity, 1)' } },
      { code: 'type_mismatch', at: 10 },
    ],
    [
      'a search in a number',
      { closed: { expr: 'src.Price.contains("5")' } },
      { code: 'type_mismatch', at: 0 },
    ],
    [
      'an option that a picklist does not have',
      { closed: { expr: 'src.StageName == "Closed Wonn"' } },
      {
        code: 'unknown_option',
        at: 17,
        severity: 'warning',
        hint: 'Did you mean "Closed Won"?',
      },
    ],
    [
      'options in a list',
      { closed: { expr: 'src.StageName in ["Open", "Closd Won"]' } },
      { code: 'unknown_option', hint: 'Did you mean "Closed Won"?' },
    ],
    [
      'a number where decimal text is kept',
      { quantity: { from: 'src.Quantity' } },
      { pointer: '/fields/quantity', code: 'type_mismatch', hint: 'Write to: decimal.' },
    ],
    [
      'text where a whole number is kept',
      { lineNumber: { from: 'src.Code' } },
      { pointer: '/fields/lineNumber', code: 'type_mismatch', hint: 'Write to: integer.' },
    ],
    [
      'a yes or no as a date',
      { validFrom: { from: 'src.Active', to: 'date' } },
      { pointer: '/fields/validFrom', code: 'type_mismatch' },
    ],
    [
      'a step that never reads the field',
      { validFrom: { from: 'src.Quantity', steps: ['next-day'] } },
      { pointer: '/fields/validFrom', code: 'type_mismatch' },
    ],
    [
      'an expression whose result the field never takes',
      { lineNumber: { expr: 'lower(text(src.Code)) + text("x")' } },
      { pointer: '/fields/lineNumber', code: 'type_mismatch' },
    ],
  ])('%s', (_name, rows, expected) => {
    const problems = inbound(rows);

    expect(problems).toEqual([expect.objectContaining(expected)]);
  });

  test('conditions, loops and included ids are looked at too', () => {
    const problems = inbound(
      {},
      {
        when: 'src.Actve',
        include: { account: { stream: 'Account', id: 'src.AccountID__c' } },
        forEach: { items: 'src.linse', as: 'line', when: 'src.Quantity' },
      },
    );

    expect(problems.map(({ pointer, code }) => `${pointer} ${code}`)).toEqual([
      '/include/account/id unknown_field',
      '/when unknown_field',
      '/forEach/items unknown_field',
      '/forEach/when type_mismatch',
    ]);
  });

  test('what may work is not told of', () => {
    const problems = inbound(
      {
        skuCode: { expr: 'src.emails.map(e, e.value)[0] + src.name.givenName', steps: ['trim'] },
        quantity: { expr: 'src.quantity * 12 + 1', to: 'decimal' },
        unitPrice: { expr: 'src.Active ? src.Price : null', to: 'decimal' },
        validFrom: { expr: 'src.StartDate > "2026-01-01" ? src.StartDate : date(src.Changed)' },
        validTo: { from: 'src.Code', to: 'date' },
        closed: { expr: 'src.StageName == "Open" || src.Code == null || has(src.lines)' },
        currency: { from: 'src.Size__c', steps: [{ pick: { small: 'EUR' } }] },
      },
      { when: 'src.?Active.orValue(false) && account.?Employees.orValue(0) > 5' },
    );

    expect(problems).toEqual([]);
  });

  test('an object that nobody has described is not checked', () => {
    const problems = inbound(
      { skuCode: { from: 'src.Anything' } },
      { source: { connection: 'acme', object: 'Unheard' } },
    );

    expect(problems).toEqual([]);
  });
});

describe('an outbound mapping', () => {
  test.each<[string, object, object]>([
    [
      'a target field that is not there',
      { mmo: { from: 'src.dealId' } },
      { pointer: '/fields/mmo', code: 'unknown_target_field', hint: 'Did you mean "memo"?' },
    ],
    [
      'a field that the document of commerce does not have',
      { memo: { from: 'src.oportunityName' } },
      { pointer: '/fields/memo/from', hint: 'Did you mean "opportunityName"?' },
    ],
    [
      'a field of its lines',
      { 'item.items': { each: 'src.lines', as: 'line', fields: { rate: { from: 'line.price' } } } },
      { pointer: '/fields/item.items/fields/rate/from', code: 'unknown_field' },
    ],
    [
      'a date where a number is kept',
      { total: { from: 'src.orderDate' } },
      { pointer: '/fields/total', code: 'type_mismatch' },
    ],
    [
      'a number as a date',
      { tranDate: { expr: 'size(src.lines)' } },
      { pointer: '/fields/tranDate', code: 'type_mismatch' },
    ],
    [
      'a field that the system fills itself',
      { createdAt: { from: 'src.orderDate' } },
      { pointer: '/fields/createdAt', code: 'read_only_field', severity: 'error' },
    ],
    [
      'a fixed value that the picklist does not offer',
      { terms: { value: 'Net 3' } },
      { pointer: '/fields/terms/value', severity: 'warning', hint: 'Did you mean "Net 30"?' },
    ],
  ])('%s', (_name, rows, expected) => {
    const problems = outbound(rows);

    expect(problems).toEqual([expect.objectContaining(expected)]);
  });

  test('what may work is not told of', () => {
    const problems = outbound({
      'entity.id': { from: 'src.erpCustomerRef' },
      memo: { from: 'src.opportunityName' },
      tranDate: { from: 'src.orderDate' },
      terms: { value: 'Net 60' },
      'item.items': {
        each: 'src.lines',
        as: 'line',
        when: '!line.?closed.orValue(false)',
        fields: { rate: { from: 'line.unitPrice', to: 'number' } },
      },
    });

    expect(problems).toEqual([]);
  });
});
