import { describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import { addDays, overlaps } from '../kernel/dates.ts';
import { differsByMoreThanOneMinorUnit, lineAmount } from '../kernel/money.ts';
import { generateCompany, type SampleCompany } from './company.ts';

/*
 * A reconciliation of its own, written against the vendors' records alone, so that the list of planted drift is
 * proved from the outside: it must find every planted case and nothing else.
 */

const KINDS = ['duplicate_identity', 'missing_in_crm', 'missing_in_erp', 'orphaned_seat', 'overlapping_terms', 'price_mismatch', 'quantity_mismatch', 'sku_mismatch', 'unlinked_account']; // prettier-ignore
const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

const Product = z.object({ Id: z.string(), ProductCode: z.string() });
const Opportunity = z.object({
  Id: z.string(),
  IsWon: z.boolean(),
  CloseDate: z.string(),
  CurrencyIsoCode: z.string(),
});
const LineItem = z.object({
  OpportunityId: z.string(),
  ProductCode: z.string(),
  Quantity: z.number(),
  UnitPrice: z.number(),
  ServiceDate: z.string(),
  Trueup_End_Date__c: z.string(),
});
const CrmOrder = z.object({ Id: z.string(), AccountId: z.string(), ContractId: z.string() });
const OrderItem = z.object({
  OrderId: z.string(),
  Product2Id: z.string(),
  ServiceDate: z.string(),
  EndDate: z.string(),
});
const ErpLine = z.object({
  item: z.object({ refName: z.string() }),
  quantity: z.number(),
  rate: z.number(),
  custcol_trueup_service_start: z.string(),
  custcol_trueup_service_end: z.string(),
});
const SalesOrder = z.object({
  id: z.string(),
  entity: z.object({ id: z.string() }),
  custbody_trueup_opportunity: z.string().optional(),
  item: z.object({ items: z.array(ErpLine) }),
});
const Customer = z.object({ id: z.string(), externalId: z.string().optional() });
const User = z.object({
  id: z.string(),
  active: z.boolean(),
  userType: z.string(),
  emails: z.array(z.object({ value: z.string() })),
  entitlements: z.array(z.object({ value: z.string() })),
  [ENTERPRISE]: z.object({ employeeNumber: z.string().optional() }),
  meta: z.object({ created: z.string() }),
});
const Employment = z.object({ employee_number: z.string(), work_email: z.string(), start_date: z.string(), end_date: z.string() }); // prettier-ignore
type User = z.infer<typeof User>;

function rows<Shape extends z.ZodType>(
  company: SampleCompany,
  world: keyof SampleCompany['worlds'],
  object: string,
  shape: Shape,
): z.infer<Shape>[] {
  return (company.worlds[world].objects[object] ?? []).map((row) => shape.parse(row));
}

const inOrder = (left: string, right: string): number => (left < right ? -1 : Number(left > right));

const finding = (kind: string, id: string, sku: string | null): string =>
  `${kind} ${id} ${sku ?? '-'}`;

interface ComparedLine {
  readonly sku: string;
  readonly quantity: string;
  readonly price: string;
  readonly from: string;
  readonly to: string;
}

function compareLines(
  opportunity: z.infer<typeof Opportunity>,
  sold: readonly ComparedLine[],
  ordered: readonly ComparedLine[],
): string[] {
  const left = [...ordered];
  const unmatched: ComparedLine[] = [];
  const found: string[] = [];
  for (const line of sold) {
    const at = left.findIndex(
      (other) => other.sku === line.sku && other.from === line.from && other.to === line.to,
    );
    const [other] = at === -1 ? [] : left.splice(at, 1);
    if (other === undefined) unmatched.push(line);
    else if (other.quantity !== line.quantity) found.push(finding('quantity_mismatch', opportunity.Id, line.sku));
    else if (differsByMoreThanOneMinorUnit(lineAmount(line.quantity, line.price, opportunity.CurrencyIsoCode), lineAmount(other.quantity, other.price, opportunity.CurrencyIsoCode))) found.push(finding('price_mismatch', opportunity.Id, line.sku)); // prettier-ignore
  }
  for (const line of unmatched) {
    const same = left.filter(
      (other) =>
        other.quantity === line.quantity &&
        other.price === line.price &&
        other.from === line.from &&
        other.to === line.to,
    );
    expect(same).toHaveLength(1);
    found.push(finding('sku_mismatch', opportunity.Id, line.sku));
  }
  expect(left).toHaveLength(unmatched.length);
  return found;
}

function dealFindings(company: SampleCompany): string[] {
  const lineItems = Map.groupBy(rows(company, 'salesforce', 'OpportunityLineItem', LineItem), (line) => line.OpportunityId);
  const orders = rows(company, 'netsuite', 'salesOrder', SalesOrder);
  const byDeal = Map.groupBy(orders, (order) => order.custbody_trueup_opportunity);
  const won = rows(company, 'salesforce', 'Opportunity', Opportunity).filter((deal) => deal.IsWon);
  const fromDeals = won.flatMap((deal) => {
    const [order, second] = byDeal.get(deal.Id) ?? [];
    expect(second).toBeUndefined();
    if (order === undefined) return deal.CloseDate <= addDays(company.today, -7) ? [finding('missing_in_erp', deal.Id, null)] : [];
    const sold = (lineItems.get(deal.Id) ?? []).map((line) => ({ sku: line.ProductCode, quantity: String(line.Quantity), price: String(line.UnitPrice), from: line.ServiceDate, to: line.Trueup_End_Date__c }));
    const ordered = order.item.items.map((line) => ({ sku: line.item.refName, quantity: String(line.quantity), price: String(line.rate), from: line.custcol_trueup_service_start, to: line.custcol_trueup_service_end }));
    return compareLines(deal, sold, ordered);
  });
  const known = new Set(rows(company, 'netsuite', 'customer', Customer).filter((each) => each.externalId !== undefined).map((each) => each.id));
  const direct = orders.filter((order) => order.custbody_trueup_opportunity === undefined && known.has(order.entity.id));
  return [...fromDeals, ...direct.map((order) => finding('missing_in_crm', order.id, null))];
} // prettier-ignore

function termFindings(company: SampleCompany): string[] {
  const codes = new Map(rows(company, 'salesforce', 'Product2', Product).map((each) => [each.Id, each.ProductCode]));
  const orders = new Map(rows(company, 'salesforce', 'Order', CrmOrder).map((order) => [order.Id, order]));
  const terms = rows(company, 'salesforce', 'OrderItem', OrderItem).map((item) => {
    const order = orders.get(item.OrderId);
    return { account: order?.AccountId, contract: order?.ContractId ?? '', sku: codes.get(item.Product2Id) ?? '', from: item.ServiceDate, to: addDays(item.EndDate, 1) };
  });
  const groups = Map.groupBy(terms, (term) => `${term.account} ${term.sku}`);
  return [...groups.values()].flatMap((group) =>
    group.flatMap((late) =>
      group
        .filter((early) => early.contract !== late.contract && early.from < late.from && overlaps(early, late))
        .map(() => finding('overlapping_terms', late.contract, late.sku)),
    ),
  );
} // prettier-ignore

/** Who a login belongs to: by employee number, else by an address that exactly one person has. */
function linkLogins(
  users: readonly User[],
  employment: readonly z.infer<typeof Employment>[],
): Map<string, User[]> {
  const numbers = new Set(employment.map((spell) => spell.employee_number));
  const addresses = new Map(employment.map((spell) => [spell.work_email, spell.employee_number]));
  const persons = new Map<string, User[]>();
  const link = (person: string, user: User): void => {
    persons.set(person, [...(persons.get(person) ?? []), user]);
    for (const { value } of user.emails) if (!addresses.has(value)) addresses.set(value, person);
  };
  const rest = users.filter((user) => {
    const number = user[ENTERPRISE].employeeNumber?.trim().toUpperCase() ?? '';
    if (!numbers.has(number)) return true;
    link(number, user);
    return false;
  });
  for (const user of rest) {
    const owners = new Set(
      user.emails.map(({ value }) => addresses.get(value)).filter((each) => each !== undefined),
    );
    const [owner] = owners;
    if (owner === undefined) persons.set(`nobody ${user.id}`, [user]);
    else link(owner, user);
  }
  return persons;
}

function peopleFindings(company: SampleCompany): string[] {
  const employment = rows(company, 'files', 'employment.csv', Employment);
  const humans = rows(company, 'scim', 'Users', User).filter(
    (user) => user.active && user.userType !== 'Service',
  );
  const lastDays = new Map<string, string>();
  for (const spell of employment.toSorted((a, b) => (a.start_date < b.start_date ? -1 : 1))) {
    lastDays.set(spell.employee_number, spell.end_date === '' ? '9999-12-31' : spell.end_date);
  }
  return [...linkLogins(humans, employment)].flatMap(([person, logins]) => {
    if (person.startsWith('nobody')) return logins.map((login) => finding('unlinked_account', login.id, null));
    const later = logins.toSorted((a, b) => (a.meta.created < b.meta.created ? -1 : 1)).slice(1);
    const gone = (lastDays.get(person) ?? '') <= addDays(company.today, -2);
    const orphans = gone ? logins.flatMap((login) => login.entitlements.map(({ value }) => finding('orphaned_seat', login.id, value))) : [];
    return [...later.map((login) => finding('duplicate_identity', login.id, null)), ...orphans];
  }); // prettier-ignore
}

describe.each(SEEDS)('the drift planted with seed %i', (seed) => {
  const company = generateCompany(seed);
  const { planted } = company;

  test('is found by an independent reconciliation: every case, once, and nothing else', () => {
    const found = [...dealFindings(company), ...termFindings(company), ...peopleFindings(company)];

    const expected = planted.map(({ kind, subject, sku }) => finding(kind, subject.id, sku));
    expect(found.toSorted(inOrder)).toEqual(expected.toSorted(inOrder));
  });

  test('has five to twelve cases of each of the nine kinds', () => {
    const sizes = Map.groupBy(planted, ({ kind }) => kind);

    expect([...sizes.keys()].toSorted(inOrder)).toEqual(KINDS);
    for (const cases of sizes.values()) {
      expect(cases.length).toBeGreaterThanOrEqual(5);
      expect(cases.length).toBeLessThanOrEqual(12);
    }
  });

  test('gives a subject cases of one kind only', () => {
    const subjects = Map.groupBy(planted, ({ subject }) => subject.id);

    for (const cases of subjects.values()) {
      expect(new Set(cases.map(({ kind }) => kind)).size).toBe(1);
    }
  });
});
