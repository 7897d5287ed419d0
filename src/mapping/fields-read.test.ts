import { describe, expect, test } from '@jest/globals';
import { fieldsRead, fieldsWritten, textsNamed } from './fields-read.ts';
import { MappingDocument } from './language/mapping-document.ts';

const document = MappingDocument.parse({
  id: 'salesforce.example',
  version: 1,
  source: { connection: 'salesforce', object: 'Opportunity' },
  target: { object: 'opportunity' },
  include: { acct: { stream: 'Account', id: 'src.AccountId' } },
  when: 'src.StageName != "Draft" && acct.Type == \'Customer\'',
  forEach: { items: 'src.Lines', as: 'line', when: 'line.Quantity > 0 && src["Odd Name"] == null' },
  fields: {
    name: { from: 'src.Owner.Name' },
    won: { expr: 'src.IsWon ? 1 : 0' },
    validTo: { expr: 'coalesce(src.?End__c, acct[?"Until Day"], src.Total-src.Tax)' },
    currency: { lookup: { table: 'currencies', key: 'src.CurrencyIsoCode' } },
    amount: { from: 'line.Amount', steps: [{ default: 'src.Amount' }] },
    kind: { value: 'src.NotRead' },
  },
});

describe('the fields that a mapping reads', () => {
  test('are those of its paths, steps and expressions, under the stream whose record holds them', () => {
    const read = fieldsRead(document, 'Opportunity').map(
      ({ stream, field }) => `${stream}.${field}`,
    );

    expect(read.toSorted()).toEqual(
      [
        'Account.Type',
        'Account.Until Day',
        'Opportunity.AccountId',
        'Opportunity.Amount',
        'Opportunity.CurrencyIsoCode',
        'Opportunity.End__c',
        'Opportunity.IsWon',
        'Opportunity.Lines',
        'Opportunity.Odd Name',
        'Opportunity.Owner',
        'Opportunity.StageName',
        'Opportunity.Tax',
        'Opportunity.Total',
      ].toSorted(),
    );
  });

  test('the texts that its conditions name are known, those of its values are not', () => {
    const texts = textsNamed(document);

    expect([texts.has('Draft'), texts.has('Customer'), texts.has('currencies')]).toEqual([
      true,
      true,
      false,
    ]);
  });

  test('the rows that read a field are named, and so are the condition, the loop and the join', () => {
    const rows = new Map(
      fieldsRead(document, 'Opportunity').map((read) => [
        `${read.stream}.${read.field}`,
        read.rows,
      ]),
    );

    expect(rows.get('Opportunity.Amount')).toEqual(['amount']);
    expect(rows.get('Opportunity.StageName')).toEqual(['when']);
    expect(rows.get('Opportunity.Lines')).toEqual(['forEach']);
    expect(rows.get('Opportunity.AccountId')).toEqual(['include']);
    expect(rows.get('Opportunity.IsWon')).toEqual(['won']);
  });

  test('a pick names its options, unless it fails on what it does not know', () => {
    const pick = (onMissing: 'error' | 'null') =>
      MappingDocument.parse({
        ...document,
        fields: { kind: { from: 'src.Type', steps: [{ pick: { New: 'new' } }], onMissing } },
      });

    expect(textsNamed(pick('null')).has('New')).toBe(true);
    expect(textsNamed(pick('error')).has('New')).toBe(false);
  });
});

describe('what an outbound mapping writes', () => {
  test('is told by field and rows, with the options that it writes by name', () => {
    const outbound = MappingDocument.parse({
      id: 'salesforce.example-out',
      version: 1,
      source: { object: 'outboundRenewal' },
      target: { connection: 'salesforce', object: 'Opportunity' },
      fields: {
        'entity.id': { from: 'src.accountRef' },
        'entity.kind': { value: 'customer' },
        Status: { from: 'src.status', steps: [{ pick: { draft: 'Draft' } }] },
        Description: { value: 'x', sync: 'dont-sync' },
      },
    });

    const { reads, texts } = fieldsWritten(outbound, 'Opportunity');

    expect(reads.map(({ field, rows }) => [field, rows])).toEqual([
      ['entity', ['entity.id', 'entity.kind']],
      ['Status', ['Status']],
    ]);
    expect([texts.has('Draft'), texts.has('customer'), texts.has('x')]).toEqual([
      true,
      true,
      false,
    ]);
  });
});
