import { describe, expect, test } from '@jest/globals';
import { factOf } from '../../../test/support/facts.ts';
import { linkOrganizations } from './link-organizations.ts';

type Company = { name?: string; country?: string; foreignRef?: string };

const company = (
  connection: string,
  id: string,
  { name = 'Harbour GmbH', country, foreignRef }: Company,
) =>
  factOf('organization', connection, {
    externalRef: id,
    legalName: name,
    kind: 'customer',
    ...(country === undefined ? {} : { countryCode: country }),
    ...(foreignRef === undefined ? {} : { foreignRef }),
  });
const customer = (id: string, fields: Company) => company('erp', id, fields);
const account = (id: string, fields: Company) => company('crm', id, fields);

describe('foreign references', () => {
  test('the account id on the customer links for certain, whatever the names say', () => {
    const links = linkOrganizations(
      [customer('301', { name: 'Other', foreignRef: '001A' })],
      [account('001A', {})],
    );

    expect(links).toEqual([
      {
        customerConnection: 'erp',
        customerRef: '301',
        accountConnection: 'crm',
        accountRef: '001A',
        method: 'foreignRef',
        confidence: 1,
        evidence: ['fct_erp_organization_301', 'fct_crm_organization_001A'],
      },
    ]);
  });

  test('the customer id on the account links as well', () => {
    const links = linkOrganizations(
      [customer('301', {})],
      [account('001A', { foreignRef: '301' })],
    );

    expect(links).toMatchObject([{ accountRef: '001A', method: 'foreignRef' }]);
  });

  test('F-35: an account that was merged, and merged again, is the one that lives on', () => {
    const merger = (id: string, survivorRef: string) =>
      factOf('organizationMerger', 'crm', { externalRef: id, survivorRef });
    const links = linkOrganizations(
      [customer('301', { foreignRef: '001A' })],
      [account('001C', {})],
      [merger('001A', '001B'), merger('001B', '001C')],
    );

    expect(links).toMatchObject([{ accountRef: '001C', method: 'foreignRef' }]);
  });

  test('mergers that lead round in a circle link nobody and come to an end', () => {
    const merger = (id: string, survivorRef: string) =>
      factOf('organizationMerger', 'crm', { externalRef: id, survivorRef });
    const circle = [merger('001A', '001B'), merger('001B', '001A')];

    expect(linkOrganizations([customer('301', { foreignRef: '001A' })], [], circle)).toEqual([]);
  });

  test('one account may have a customer in each selling subsidiary', () => {
    const links = linkOrganizations(
      [customer('301', { foreignRef: '001A' }), customer('302', { foreignRef: '001A' })],
      [account('001A', {})],
    );

    expect(links.map((link) => link.customerRef)).toEqual(['301', '302']);
  });

  test('a customer that names an account which is not there is not linked by its name instead', () => {
    const links = linkOrganizations(
      [customer('301', { country: 'DE', foreignRef: 'gone' })],
      [account('001A', { country: 'DE' })],
    );

    expect(links).toEqual([]);
  });
});

describe('names are not keys', () => {
  test('the same name in the same country links at 0.85 when both are alone', () => {
    const links = linkOrganizations(
      [customer('301', { name: ' harbour  GMBH', country: 'DE' })],
      [account('001A', { name: 'Harbour GmbH', country: 'DE' })],
    );

    expect(links).toMatchObject([
      { accountRef: '001A', method: 'nameAndCountry', confidence: 0.85 },
    ]);
  });

  test.each([
    [
      'two customers of one name',
      [customer('301', { country: 'DE' }), customer('302', { country: 'DE' })],
      [account('001A', { country: 'DE' })],
    ],
    [
      'two accounts of one name',
      [customer('301', { country: 'DE' })],
      [account('001A', { country: 'DE' }), account('001B', { country: 'DE' })],
    ],
    ['another country', [customer('301', { country: 'DE' })], [account('001A', { country: 'AT' })]],
    ['no stated country', [customer('301', {})], [account('001A', {})]],
    [
      'another legal form',
      [customer('301', { name: 'Harbour Inc', country: 'DE' })],
      [account('001A', { country: 'DE' })],
    ],
    [
      'a hidden character',
      [customer('301', { name: 'Har\u200bbour GmbH', country: 'DE' })],
      [account('001A', { country: 'DE' })],
    ],
  ])('%s links nobody', (_what, customers, accounts) => {
    expect(linkOrganizations(customers, accounts)).toEqual([]);
  });

  test('a customer of the same name that is linked by reference still makes the name ambiguous', () => {
    const links = linkOrganizations(
      [customer('301', { country: 'DE', foreignRef: '001A' }), customer('302', { country: 'DE' })],
      [account('001A', { country: 'DE' })],
    );

    expect(links.map((link) => link.customerRef)).toEqual(['301']);
  });
});

test('a vendor of the same name is no account, and does not keep the customer from being one', () => {
  const vendor = factOf('organization', 'erp', {
    externalRef: '310',
    legalName: 'Harbour GmbH',
    kind: 'vendor',
    countryCode: 'DE',
    foreignRef: '001B',
  });
  const accounts = [account('001A', { country: 'DE' }), account('001B', { name: 'Other' })];

  const links = linkOrganizations([customer('301', { country: 'DE' }), vendor], accounts);

  expect(links.map(({ customerRef, accountRef }) => [customerRef, accountRef])).toEqual([
    ['301', '001A'],
  ]);
});
