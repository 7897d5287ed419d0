import { describe, expect, test } from '@jest/globals';
import { addDays } from '../kernel/dates.ts';
import { hashJson, type JsonObject } from '../kernel/hash.ts';
import { generateCompany, type SampleCompany } from './company.ts';
import { isSalesforceId } from './vendor-ids.ts';

const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

type WorldName = keyof SampleCompany['worlds'];

function records(company: SampleCompany, world: WorldName, object: string): readonly JsonObject[] {
  return company.worlds[world].objects[object] ?? [];
}

function text(row: JsonObject, field: string): string {
  const value = row[field];
  return typeof value === 'string' ? value : '';
}

function count(company: SampleCompany, world: WorldName, object: string): number {
  return records(company, world, object).length;
}

describe('generateCompany', () => {
  test('the same seed gives the same company, to the byte', () => {
    expect(hashJson(generateCompany(7))).toBe(hashJson(generateCompany(7)));
  });

  test('every seed gives another company', () => {
    const hashes = SEEDS.map((seed) => hashJson(generateCompany(seed, { scale: 0.25 })));

    expect(new Set(hashes).size).toBe(SEEDS.length);
  });

  test('a company is made in less than three seconds', () => {
    const before = performance.now();

    generateCompany(11);

    expect(performance.now() - before).toBeLessThan(3000);
  });

  test.each([1.5, Number.NaN, Number.POSITIVE_INFINITY])('the seed %p is refused', (seed) => {
    expect(() => generateCompany(seed)).toThrow('is not a whole number');
  });

  test.each([0, 0.2, 21, Number.NaN])('the scale %p is refused', (scale) => {
    expect(() => generateCompany(1, { scale })).toThrow('out of range');
  });

  test('the scale sets the size and leaves the number of planted cases alone', () => {
    const small = generateCompany(3, { scale: 0.5 });

    expect(count(small, 'salesforce', 'Account')).toBe(100);
    expect(count(small, 'salesforce', 'Opportunity')).toBe(300);
    expect(count(small, 'scim', 'Users')).toBe(1000);
    expect(small.planted).toHaveLength(generateCompany(3).planted.length);
  });
});

describe.each(SEEDS)('the company of seed %i', (seed) => {
  const company = generateCompany(seed);
  const salesforce = company.worlds.salesforce.objects;

  test('has the promised size', () => {
    expect(count(company, 'salesforce', 'Account')).toBe(200);
    expect(count(company, 'salesforce', 'Opportunity')).toBe(600);
    expect(count(company, 'scim', 'Users')).toBe(2000);
    const between = (world: WorldName, object: string, least: number, most: number): void => {
      expect(count(company, world, object)).toBeGreaterThanOrEqual(least);
      expect(count(company, world, object)).toBeLessThanOrEqual(most);
    };
    between('salesforce', 'OpportunityLineItem', 1350, 1650);
    // More than one page of 2,000 rows.
    between('salesforce', 'OpportunityHistory', 2001, 3000);
    between('salesforce', 'Contract', 330, 420);
    between('salesforce', 'Order', 380, 500);
    between('netsuite', 'salesOrder', 380, 500);
    between('netsuite', 'invoice', 290, 400);
    between('files', 'employment.csv', 2000, 2200);
    between('files', 'named-users.ndjson', 1500, 4000);
  });

  test('ids are valid, of the right object and never used twice', () => {
    for (const [object, prefix] of [['Account', '001'], ['Opportunity', '006'], ['OrderItem', '802'], ['Asset', '02i'], ['Contract', '800']] as const) {
      const ids = records(company, 'salesforce', object).map((row) => text(row, 'Id'));
      expect(ids.filter((id) => !isSalesforceId(id) || !id.startsWith(prefix))).toEqual([]);
    }
    for (const [world, { objects }] of Object.entries(company.worlds)) {
      for (const [object, rows] of Object.entries(objects)) {
        if (world === 'files' && object !== 'named-users.ndjson') continue;
        expect(new Set(rows.map((row) => row['Id'] ?? row['id'])).size).toBe(rows.length);
      }
    }
    const transactions = [...records(company, 'netsuite', 'salesOrder'), ...records(company, 'netsuite', 'invoice')];
    expect(new Set(transactions.map((row) => row['id'])).size).toBe(transactions.length);
  }); // prettier-ignore

  test('every reference leads to a record', () => {
    const known = new Map(Object.entries(salesforce).map(([object, rows]) => [object, new Set(rows.map((row) => row['Id']))]));
    for (const [from, field, to] of [
      ['Account', 'ParentId', 'Account'], ['Opportunity', 'AccountId', 'Account'], ['Opportunity', 'ContractId', 'Contract'],
      ['OpportunityLineItem', 'OpportunityId', 'Opportunity'], ['OpportunityLineItem', 'PricebookEntryId', 'PricebookEntry'],
      ['OpportunityHistory', 'OpportunityId', 'Opportunity'], ['Order', 'ContractId', 'Contract'], ['Order', 'OpportunityId', 'Opportunity'],
      ['OrderItem', 'OrderId', 'Order'], ['OrderItem', 'Product2Id', 'Product2'], ['OrderItem', 'OriginalOrderItemId', 'OrderItem'],
    ] as const) {
      const targets = records(company, 'salesforce', from).map((row) => row[field]).filter((id) => id !== null && id !== undefined);
      expect(targets.length).toBeGreaterThan(0);
      expect(targets.filter((id) => known.get(to)?.has(id) !== true)).toEqual([]);
    }
    const customers = new Set(records(company, 'netsuite', 'customer').map((row) => row['id']));
    const entities = records(company, 'netsuite', 'salesOrder').map((row) => row['entity']);
    expect(entities.filter((entity) => !customers.has((entity as JsonObject)['id']))).toEqual([]);
  }); // prettier-ignore

  test('yen have no decimals, in either system', () => {
    const yen = records(company, 'salesforce', 'Opportunity').filter((row) => row['CurrencyIsoCode'] === 'JPY');
    const deals = new Set(yen.map((row) => row['Id']));
    const lines = records(company, 'salesforce', 'OpportunityLineItem').filter((row) => deals.has(row['OpportunityId'] ?? ''));
    const orders = records(company, 'netsuite', 'salesOrder').filter((row) => JSON.stringify(row['currency']).includes('Yen'));
    const erpLines = orders.flatMap((row) => ((row['item'] as JsonObject)['items'] as JsonObject[]));

    const figures = [...yen.map((row) => row['Amount']), ...lines.flatMap((row) => [row['UnitPrice'], row['TotalPrice']]), ...erpLines.flatMap((row) => [row['rate'], row['amount']])];

    expect(yen.length).toBeGreaterThan(10);
    expect(figures.filter((figure) => !Number.isInteger(figure))).toEqual([]);
  }); // prettier-ignore

  test('a deal has entered its stage last, in rising seconds, and a closed one on its close date', () => {
    const history = Map.groupBy(records(company, 'salesforce', 'OpportunityHistory'), (row) => row['OpportunityId']);
    const broken = records(company, 'salesforce', 'Opportunity').filter((deal) => {
      const steps = history.get(deal['Id'] ?? '') ?? [];
      const stamps = steps.map((step) => text(step, 'SystemModstamp'));
      const rising = stamps.every((stamp, at) => at === 0 || (stamps[at - 1] ?? '') < stamp);
      const wins = steps.filter((step) => step['StageName'] === 'Closed Won').length;
      const closedOn = deal['IsClosed'] === true ? deal['CloseDate'] : stamps.at(-1)?.slice(0, 10);
      return !rising || steps.at(-1)?.['StageName'] !== deal['StageName'] || wins !== Number(deal['IsWon']) || stamps.at(-1)?.slice(0, 10) !== closedOn;
    });

    expect(broken).toEqual([]);
  }); // prettier-ignore

  test('what only looks like drift is there too', () => {
    const items = records(company, 'salesforce', 'OrderItem');
    const users = records(company, 'scim', 'Users');
    const spells = Map.groupBy(records(company, 'files', 'employment.csv'), (row) => row['employee_number']);
    const starts = new Set(records(company, 'salesforce', 'Contract').map((row) => `${text(row, 'AccountId')} ${text(row, 'StartDate')}`));
    const look = {
      addOns: items.filter((row) => row['OriginalOrderItemId'] !== null).length,
      pricesInThirds: records(company, 'salesforce', 'OpportunityLineItem').filter((row) => JSON.stringify(row['UnitPrice']).endsWith('.3333')).length,
      renewalsTheDayAfter: records(company, 'salesforce', 'Contract').filter((row) => starts.has(`${text(row, 'AccountId')} ${addDays(text(row, 'EndDate'), 1)}`)).length,
      ordersOfErpCustomers: records(company, 'netsuite', 'salesOrder').filter((row) => row['custbody_trueup_opportunity'] === undefined).length - company.planted.filter(({ kind }) => kind === 'missing_in_crm').length,
      programs: users.filter((user) => user['userType'] === 'Service').length,
      closedLogins: users.filter((user) => user['active'] === false).length,
      movedOrRehired: [...spells.values()].filter((rows) => rows.length > 1).length,
      leftYesterday: [...spells.values()].filter((rows) => rows.at(-1)?.['end_date'] === addDays(company.today, -1)).length,
    };

    expect(Object.entries(look).filter(([, cases]) => cases < 1)).toEqual([]);
  }); // prettier-ignore

  test('nothing is recorded on or after the business date', () => {
    const text = JSON.stringify([
      salesforce,
      company.worlds.netsuite.objects,
      company.worlds.scim.objects,
    ]);

    const instants = text.match(/"\d{4}-\d{2}-\d{2}T[^"]*"/g) ?? [];

    expect(instants.length).toBeGreaterThan(10_000);
    expect(instants.filter((instant) => instant.slice(1, 11) >= company.today)).toEqual([]);
  });

  test('many rows share a second, so that a page can end inside one', () => {
    const seconds = Map.groupBy(
      records(company, 'salesforce', 'OpportunityLineItem'),
      (row) => row['SystemModstamp'],
    );

    expect(Math.max(...[...seconds.values()].map((rows) => rows.length))).toBeGreaterThan(200);
  });

  test('the deals to rehearse are open, for customers that the ERP knows, and for products new to them', () => {
    for (const deal of Object.values(company.deals)) {
      const opportunity = records(company, 'salesforce', 'Opportunity').find((row) => row['Id'] === deal.opportunityId);
      const customer = records(company, 'netsuite', 'customer').find((row) => row['id'] === deal.customerId);
      expect(opportunity).toMatchObject({ StageName: 'Negotiation/Review', IsClosed: false, AccountId: deal.accountId });
      expect(customer).toMatchObject({ externalId: deal.accountId });
      expect(deal.lines.filter((line) => line.licensed).length).toBeGreaterThanOrEqual(2);
      expect(deal.lines.filter((line) => !line.licensed)).toHaveLength(1);
      expect(deal.lines.every((line) => line.serviceFrom <= company.today)).toBe(true);
    }
    expect(company.deals.toClose.accountId).not.toBe(company.deals.toReopen.accountId);
  }); // prettier-ignore

  test('several customers share one name, and one in ten customers has no CRM account', () => {
    const customers = records(company, 'netsuite', 'customer');

    const shared = customers.filter((row) => row['companyName'] === 'Clearwater Systems');
    const unlinked = customers.filter((row) => row['externalId'] === undefined);

    expect(shared).toHaveLength(3);
    expect(unlinked.length / customers.length).toBeCloseTo(0.1, 1);
  });

  test('some customers named more users than they may, and one bought product is short of seats', () => {
    const seats = records(company, 'scim', 'Users')
      .filter((user) => user['active'] === true && user['userType'] !== 'Service')
      .flatMap((user) => (user['entitlements'] as JsonObject[]).map((each) => each['value']));
    const held = (sku: unknown): number => seats.filter((seat) => seat === sku).length;
    const bought = Map.groupBy(
      records(company, 'files', 'agreements.csv').filter((row) => text(row, 'end_date') >= company.today && text(row, 'start_date') <= company.today),
      (row) => row['sku'],
    );

    const short = [...bought].filter(([sku, rows]) => rows.reduce((sum, row) => sum + Number(row['quantity']), 0) < held(sku));

    expect(bought.size).toBe(8);
    expect(short.map(([sku]) => sku)).toEqual(['CHT-BUSINESS']);
  }); // prettier-ignore

  test('terms end within the next ninety days, so that renewals are due', () => {
    const ends = records(company, 'salesforce', 'Contract').map((row) => text(row, 'EndDate'));

    expect(ends.filter((end) => end >= company.today && end < '2026-05-31').length).toBeGreaterThan(
      10,
    );
  });

  test('each file text holds a line for every row', () => {
    for (const [name, text] of Object.entries(company.files)) {
      const rows = records(company, 'files', name).length;
      expect(text.trimEnd().split('\n')).toHaveLength(name.endsWith('.csv') ? rows + 1 : rows);
    }
    expect(Object.keys(company.files)).toEqual([
      'employment.csv',
      'agreements.csv',
      'named-users.ndjson',
    ]);
  });
});
