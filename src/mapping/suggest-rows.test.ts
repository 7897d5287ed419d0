import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { FieldDescription } from '../sdk/define-connector.ts';
import { describeNoun } from './described-noun.ts';
import { suggestRows, type SuggestInput } from './suggest-rows.ts';
import { sourceFields } from './suggest-sources.ts';

const field = (name: string, more: Partial<FieldDescription> = {}): FieldDescription => ({
  name,
  label: name,
  type: 'string',
  required: false,
  readOnly: false,
  custom: false,
  key: false,
  picklist: [],
  reference: null,
  ...more,
});

const sources = (...fields: readonly FieldDescription[]) => sourceFields('src', fields, []);

const input = (given: Partial<SuggestInput>): SuggestInput => ({
  object: 'order',
  target: [],
  sources: [],
  taken: new Set(),
  used: new Set(),
  known: {},
  direction: 'inbound',
  ...given,
});

const noun = (name: string, ...fields: readonly string[]): readonly FieldDescription[] =>
  (describeNoun(name)?.fields ?? []).filter((each) => fields.includes(each.name));

test('a field that has a row is never suggested for, whatever that row reads', () => {
  const suggested = suggestRows(
    input({
      target: noun('orderLine', 'quantity'),
      sources: sources(field('Quantity', { type: 'double' })),
      taken: new Set(['quantity']),
    }),
  );

  expect(suggested).toEqual([]);
});

test('a source that a row reads is not offered again', () => {
  const target = noun('orderLine', 'quantity', 'quantityBilled');

  const suggested = suggestRows(
    input({
      target,
      sources: sources(field('Quantity', { type: 'double' })),
      taken: new Set(['quantity']),
      used: new Set(['src.Quantity']),
    }),
  );

  expect(suggested).toEqual([]);
});

test('each source is suggested once, so that all together fit best', () => {
  const suggested = suggestRows(
    input({
      target: noun('opportunity', 'name', 'stageName'),
      sources: sources(field('Name'), field('StageName')),
    }),
  );

  expect(suggested.map(({ field: name, path, score }) => [name, path, score])).toEqual([
    ['name', 'src.Name', 1],
    ['stageName', 'src.StageName', 1],
  ]);
});

test('the reason says in words why, and steps turn the value into what the field takes', () => {
  const suggested = suggestRows(
    input({
      object: 'orderLine',
      target: noun(
        'orderLine',
        'validFrom',
        'validTo',
        'quantity',
        'lineNumber',
        'amount',
        'currency',
      ),
      sources: sources(
        field('ServiceDate', { type: 'datetime' }),
        field('EndDate', { type: 'date' }),
        field('Quantity', { type: 'double' }),
        field('Line_Number__c', { type: 'double' }),
        field('Amount', { type: 'currency' }),
        field('CurrencyIsoCode', { type: 'picklist' }),
      ),
    }),
  );

  const rows = Object.fromEntries(suggested.map(({ field: name, row }) => [name, row]));
  expect(rows).toEqual({
    validFrom: { from: 'src.ServiceDate', steps: ['date'] },
    validTo: { from: 'src.EndDate', steps: ['next-day'] },
    quantity: { from: 'src.Quantity', steps: ['decimal'] },
    lineNumber: { from: 'src.Line_Number__c', steps: ['integer'] },
    amount: { from: 'src.Amount', steps: [{ amount: 'src.CurrencyIsoCode' }] },
    currency: { from: 'src.CurrencyIsoCode' },
  });
  expect(suggested.find(({ field: name }) => name === 'validTo')?.reason).toBe(
    'end date means valid to; the same type; an end is the last day, ours is the day after',
  );
});

test('two sources that fit equally well are a guess, and not taken unseen', () => {
  const [only] = suggestRows(
    input({
      target: noun('opportunityLine', 'unitPrice'),
      sources: sources(field('Rate', { type: 'double' }), field('Price', { type: 'double' })),
    }),
  );

  expect(only?.score).toBeLessThan(0.9);
  expect(only?.reason).toContain('src.Rate fits as well');
});

test('options with counterparts are picked; without, a lookup table is proposed and says what is missing', () => {
  const target = noun('order', 'status');
  const status = (...picklist: readonly string[]) =>
    sources(field('Status', { type: 'picklist', picklist }));

  const [picked] = suggestRows(input({ target, sources: status('Draft', 'Activated') }));
  const [looked] = suggestRows(input({ target, sources: status('Draft', 'On Hold') }));

  expect(picked).toMatchObject({
    score: 1,
    row: { from: 'src.Status', steps: [{ pick: { Draft: 'draft', Activated: 'activated' } }] },
    lookup: null,
  });
  expect(looked).toMatchObject({
    row: { from: 'src.Status', lookup: 'order-status' },
    lookup: { table: 'order-status', entries: { Draft: 'draft' }, unmatched: ['On Hold'] },
  });
  expect(looked?.score).toBeLessThan(0.9);
});

test('values that the target knows already speak for a source whose name says nothing', () => {
  const values = ['A-1', 'A-2', 'A-3', 'A-4'];

  const [only] = suggestRows(
    input({
      target: noun('opportunityLine', 'skuCode'),
      sources: sourceFields(
        'src',
        [field('X_9__c')],
        values.map((value) => ({ X_9__c: value })),
      ),
      known: { skuCode: values },
    }),
  );

  expect(only).toMatchObject({ field: 'skuCode', path: 'src.X_9__c' });
  expect(only?.reason).toContain('100% of its values are known in the target');
  expect(only?.score).toBeLessThan(0.9);
});

test('a number is no date, whatever it is called', () => {
  const [only] = suggestRows(
    input({
      target: noun('opportunity', 'closeDate'),
      sources: sources(field('CloseDate', { type: 'boolean' })),
    }),
  );

  expect(only?.score ?? 0).toBeLessThan(0.9);
});

test('a field that no sample has is not sure, and one that the system will not let us write is not filled', () => {
  const described = [field('CloseDate', { type: 'date' })];
  const [only] = suggestRows(
    input({
      target: noun('opportunity', 'closeDate'),
      sources: sourceFields('src', described, [{ Name: 'x' }]),
    }),
  );
  const locked = suggestRows(
    input({
      direction: 'outbound',
      object: 'Order',
      target: [field('Name', { readOnly: true })],
      sources: sources(field('name')),
    }),
  );

  expect(only?.reason).toContain('no sample has it');
  expect(only?.score).toBeLessThan(0.9);
  expect(locked).toEqual([]);
});

test('the same fields in any order give the same suggestions', () => {
  const target = describeNoun('orderLine')?.fields ?? [];
  const all = sources(
    ...[
      'Id',
      'OrderId',
      'Quantity',
      'Rate',
      'Price',
      'EndDate',
      'Service_Start__c',
      'Line',
      'X',
    ].map((name) => field(name)),
  );
  const expected = suggestRows(input({ object: 'orderLine', target, sources: all }));

  fc.assert(
    fc.property(
      fc.shuffledSubarray([...target], { minLength: target.length }),
      fc.shuffledSubarray([...all], { minLength: all.length }),
      (targets, shuffled) => {
        expect(
          suggestRows(input({ object: 'orderLine', target: targets, sources: shuffled })),
        ).toEqual(expected);
      },
    ),
  );
});
