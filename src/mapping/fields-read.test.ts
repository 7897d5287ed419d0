import { describe, expect, test } from '@jest/globals';
import { fieldsRead, textsNamed } from './fields-read.ts';
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
        'Opportunity.AccountId',
        'Opportunity.Amount',
        'Opportunity.CurrencyIsoCode',
        'Opportunity.IsWon',
        'Opportunity.Lines',
        'Opportunity.Odd Name',
        'Opportunity.Owner',
        'Opportunity.StageName',
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
});
