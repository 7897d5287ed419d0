import { expect, test } from '@jest/globals';
import { keySuggester } from './lookup-suggestions.ts';

const TABLE = new Map([
  ['CRM Pro', 'SKU-1'],
  ['CRM Basic', 'SKU-2'],
  ['Analytics Add-on', 'SKU-3'],
  ['Enterprise Support', 'SKU-4'],
]);
const suggest = keySuggester(TABLE);

test.each([
  ['crm-pro', 'CRM Pro', 0.95, 'case'],
  ['Support Enterprise', 'Enterprise Support', 0.92, 'another order'],
  ['SKU-3', 'Analytics Add-on', 0.97, 'a value of the table'],
  ['Analytcs Addon', 'Analytics Add-on', 0.836, '1 letter away'],
])('%j may be %j, with how sure it is and why', (wanted, key, score, reason) => {
  const [best] = suggest(wanted);

  expect(best).toMatchObject({ key, score, value: TABLE.get(key) });
  expect(best?.reason).toContain(reason);
});

test('what is like nothing gets no suggestion', () => {
  expect(suggest('Xylophone lessons')).toEqual([]);
});

test('suggestions do not depend on the order in which the table was written', () => {
  const turned = keySuggester(new Map([...TABLE].toReversed()));

  expect(turned('CRM')).toEqual(suggest('CRM'));
});
