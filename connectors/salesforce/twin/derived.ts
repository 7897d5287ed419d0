import { addDays, addMonths, isLocalDate, type Json } from '../../../src/sdk/kernel.ts';
import type { TwinRecord, TwinState } from './state.ts';

type Values = ReadonlyMap<string, Json>;
type Derived = Map<string, Json>;
type Rule = (state: TwinState, values: Values) => Derived;

const NONE: Derived = new Map();

function figure(value: Json | undefined): number {
  return typeof value === 'number' ? value : 0;
}

/** The vendor keeps doubles; sums are cut to cents so that a sandbox does not show 0.30000000000000004. */
function cents(value: number): number {
  return Number(value.toFixed(2));
}

function related(state: TwinState, object: string, id: Json | undefined): TwinRecord | undefined {
  return typeof id === 'string' ? state.get(object, id) : undefined;
}

/** Won and closed follow from the stage; the vendor refuses to have them set. */
function stageFlags(state: TwinState, values: Values): Derived {
  const name = values.get('StageName');
  const stage = state
    .ordered('OpportunityStage')
    .find((each) => each.values.get('ApiName') === name || each.values.get('MasterLabel') === name);
  return new Map<string, Json>([
    ['IsWon', stage?.values.get('IsWon') === true],
    ['IsClosed', stage?.values.get('IsClosed') === true],
  ]);
}

function contractEnd(_: TwinState, values: Values): Derived {
  const start = values.get('StartDate');
  const term = values.get('ContractTerm');
  if (typeof start !== 'string' || typeof term !== 'number' || !isLocalDate(start)) {
    return new Map([['EndDate', null]]);
  }
  return new Map([['EndDate', addDays(addMonths(start, term), -1)]]);
}

/** The product of a line comes by itself or through its price book entry. */
function productOfLine(state: TwinState, values: Values): Derived {
  const entry = related(state, 'PricebookEntry', values.get('PricebookEntryId'));
  const productId = values.get('Product2Id') ?? entry?.values.get('Product2Id') ?? null;
  const derived: Derived = new Map([['Product2Id', productId]]);
  const price = values.get('UnitPrice') ?? entry?.values.get('UnitPrice') ?? null;
  return derived.set('UnitPrice', price);
}

function opportunityLine(state: TwinState, values: Values): Derived {
  const derived = productOfLine(state, values);
  const product = related(state, 'Product2', derived.get('Product2Id'));
  const opportunity = related(state, 'Opportunity', values.get('OpportunityId'));
  derived.set('ProductCode', product?.values.get('ProductCode') ?? null);
  derived.set(
    'TotalPrice',
    cents(figure(values.get('Quantity')) * figure(derived.get('UnitPrice'))),
  );
  return derived.set('CurrencyIsoCode', opportunity?.values.get('CurrencyIsoCode') ?? null);
}

function assetCode(state: TwinState, values: Values): Derived {
  const product = related(state, 'Product2', values.get('Product2Id'));
  return new Map([['ProductCode', product?.values.get('ProductCode') ?? null]]);
}

/** A quote is for the account of its opportunity. */
function quoteAccount(state: TwinState, values: Values): Derived {
  const opportunity = related(state, 'Opportunity', values.get('OpportunityId'));
  return new Map([['AccountId', opportunity?.values.get('AccountId') ?? null]]);
}

const RULES: Readonly<Record<string, Rule>> = {
  Opportunity: stageFlags,
  OpportunityLineItem: opportunityLine,
  Contract: contractEnd,
  OrderItem: productOfLine,
  Asset: assetCode,
  Quote: quoteAccount,
  QuoteLineItem: productOfLine,
};

/** The fields that the vendor computes from a record's other fields. */
export function derivedValues(state: TwinState, object: string, values: Values): Values {
  return (RULES[object] ?? (() => NONE))(state, values);
}

const ROLL_UPS = {
  OpportunityLineItem: { parent: 'Opportunity', reference: 'OpportunityId', total: 'Amount' },
  OrderItem: { parent: 'Order', reference: 'OrderId', total: 'TotalAmount' },
  QuoteLineItem: { parent: 'Quote', reference: 'QuoteId', total: 'GrandTotal' },
} as const;

export interface RollUp {
  readonly parent: TwinRecord;
  readonly values: Values;
}

/** What a line's change does to its parent's total; null when nothing changes. */
export function rollUp(state: TwinState, line: TwinRecord): RollUp | null {
  const rule = ROLL_UPS[line.object.name as keyof typeof ROLL_UPS];
  if (rule === undefined) return null;
  const parent = related(state, rule.parent, line.values.get(rule.reference));
  if (parent === undefined) return null;
  const siblings = state.children(line.object.name, rule.reference, parent.id);
  const total = cents(
    siblings.reduce(
      (sum, each) =>
        sum + figure(each.values.get('Quantity')) * figure(each.values.get('UnitPrice')),
      0,
    ),
  );
  const values = new Map<string, Json>();
  if (parent.values.get(rule.total) !== total) values.set(rule.total, total);
  const entry = related(state, 'PricebookEntry', line.values.get('PricebookEntryId'));
  const book = entry?.values.get('Pricebook2Id');
  if (
    book !== undefined &&
    rule.parent === 'Opportunity' &&
    (parent.values.get('Pricebook2Id') ?? null) === null
  )
    values.set('Pricebook2Id', book);
  return values.size === 0 ? null : { parent, values };
}

/** Fills in what the vendor would have computed for records that a world was born with. */
export function deriveAll(state: TwinState): void {
  for (const object of Object.keys(RULES)) {
    for (const record of state.ordered(object)) {
      state.seed(record, derivedValues(state, object, record.values));
    }
  }
  for (const object of Object.keys(ROLL_UPS)) {
    const parents = new Set<TwinRecord>();
    for (const line of state.ordered(object)) {
      if (line.values.get('IsDeleted') === true) continue;
      const reference = ROLL_UPS[object as keyof typeof ROLL_UPS];
      const parent = related(state, reference.parent, line.values.get(reference.reference));
      if (parent === undefined || parents.has(parent)) continue;
      parents.add(parent);
      const change = rollUp(state, line);
      if (change !== null) state.seed(change.parent, change.values);
    }
  }
}
