import type { Entitlement } from '../canonical/entitlement.ts';
import type { RenewalTerm } from '../canonical/renewal-term.ts';
import type { Json, JsonObject } from '../kernel/hash.ts';
import { addMoney, money, type Money } from '../kernel/money.ts';
import { sameJson, type Outcome } from '../mapping/compare-readings.ts';
import type { ComparedDocument } from './compare-documents.ts';
import type { FactChanges, FactNounBody } from './fact-reader.ts';
import type { OrganizationLinks } from './organization-links.ts';

/** What follows from a set of facts. */
export interface World {
  readonly organizations: OrganizationLinks;
  readonly entitlements: readonly Entitlement[];
  /** Every renewal to come, as a forecast. */
  readonly renewals: readonly RenewalTerm[];
  /** Names of customers by their CRM account. */
  readonly names: ReadonlyMap<string, string>;
}

/** Things that would move: how many in all, and the first of them. */
interface Moves<Each> {
  readonly total: number;
  readonly first: readonly Each[];
}

interface Side<Value> {
  readonly before: Value;
  readonly after: Value;
}

interface MovedRecord {
  readonly noun: string;
  readonly ref: string;
  readonly number: string | null;
  readonly customer: string | null;
  readonly fields: readonly ({ readonly field: string } & Side<Json>)[];
}

interface Terms {
  readonly from: string | null;
  readonly to: string | null;
}

interface Right extends Terms {
  readonly status: string;
  readonly quantity: string | null;
  readonly unitPrice: string | null;
}

interface Renewal {
  readonly on: string;
  readonly to: string;
  readonly notice: string;
  readonly total: string;
}

/** What would move if a mapping were put in effect and replayed. Stored with the request to publish it. */
export interface Impact {
  readonly connection: string;
  readonly object: string;
  /** How many records were looked at; `complete` is false if there are more. */
  readonly records: number;
  readonly complete: boolean;
  readonly counts: Readonly<Record<Outcome, number>>;
  readonly customers: Moves<{ readonly ref: string; readonly name: string | null }>;
  /** Orders, invoices and deals, with their lines: what of them would read otherwise. */
  readonly documents: Moves<MovedRecord>;
  /** Of those, the lines whose period would be another. */
  readonly serviceDates: Moves<{ readonly noun: string; readonly ref: string } & Side<Terms>>;
  readonly entitlements: Moves<
    { readonly ref: string; readonly owner: string; readonly sku: string } & Side<Right | null>
  >;
  readonly renewals: Moves<
    {
      readonly ref: string;
      readonly owner: string;
      readonly currency: string;
    } & Side<Renewal | null>
  > & { readonly forecast: Side<readonly Money[]> };
  readonly notes: readonly string[];
}

/** Of each list so many are kept; the totals are exact. */
const FIRST = 200;

/** What a document says of itself, for a line of it too: its number, and whose it is. */
export type HeadOf = (noun: string, body: JsonObject) => Pick<MovedRecord, 'number' | 'customer'>;

/** Nouns that are money or rights to a customer: a change of these is a change of a document. */
const DOCUMENTS: ReadonlySet<string> = new Set([
  'agreement', 'asset', 'contract', 'invoice', 'invoiceLine', 'opportunity', 'opportunityLine', 'order', 'orderLine',
  'purchaseOrder', 'purchaseOrderLine', 'quote', 'quoteLine',
]); // prettier-ignore

function moves<Each>(all: readonly Each[]): Moves<Each> {
  return { total: all.length, first: all.slice(0, FIRST) };
}

/** The documents whose facts would change, their periods, and the customers that they and the rights concern. */
export function movedRecords(
  changes: FactChanges,
  held: ReadonlyMap<string, FactNounBody>,
  worlds: Side<World>,
  headOf: HeadOf,
  documents: readonly ComparedDocument[] = [],
): Pick<Impact, 'customers' | 'documents' | 'serviceDates'> {
  const { before, after } = worlds;
  const changed = [...changes].flatMap(([noun, refs]) =>
    [...refs].flatMap(([ref, body]) => {
      const was = (held.get(`${noun}/${ref}`) ?? null) as JsonObject | null;
      return [{ noun, ref, was, is: body as JsonObject | null }];
    }),
  );
  const moved = changed
    .filter(({ noun }) => DOCUMENTS.has(noun))
    .map((each) => movedFact(each, headOf));
  const periods = changed
    .filter(({ noun }) => DOCUMENTS.has(noun))
    .map(({ noun, ref, was, is }) => ({ noun, ref, before: termsOf(was), after: termsOf(is) }))
    .filter((each) => !sameJson({ ...each.before }, { ...each.after }));
  const written = documents.flatMap(movedDocument);
  const customers = new Set<string>([
    ...changed.filter(({ noun }) => noun === 'organization').map(({ ref }) => ref),
    ...[...moved, ...written].flatMap(({ customer }) => (customer === null ? [] : [customer])),
    ...rightsThatMove(before, after).map(([, own, next]) => (next ?? own)?.ownerRef ?? ''),
  ]);
  customers.delete('');
  const named = [...customers]
    .toSorted()
    .map((ref) => ({ ref, name: after.names.get(ref) ?? before.names.get(ref) ?? null }));
  return {
    customers: moves(named),
    documents: moves([...moved, ...written]),
    serviceDates: moves(periods),
  };
}

interface ChangedFact {
  readonly noun: string;
  readonly ref: string;
  readonly was: JsonObject | null;
  readonly is: JsonObject | null;
}

function movedFact(changed: ChangedFact, headOf: HeadOf): MovedRecord {
  const { noun, ref, was, is } = changed;
  const names = new Set([...Object.keys(was ?? {}), ...Object.keys(is ?? {})]);
  const fields = [...names].flatMap((field) => {
    const side = { before: was?.[field] ?? null, after: is?.[field] ?? null };
    return sameJson(side.before, side.after) ? [] : [{ field, ...side }];
  });
  return { noun, ref, ...headOf(noun, is ?? was ?? {}), fields };
}

/** A vendor record whose values would be others than what is in effect gives, or than what we last wrote. */
function movedDocument({ document, compared }: ComparedDocument): readonly MovedRecord[] {
  if (!compared.differs) return [];
  const { data } = document;
  return compared.items.map(({ noun, ref, fields }) => ({
    noun,
    ref,
    number: text(data['opportunityName'] ?? data['name']),
    customer: text(data['accountRef'] ?? data['erpCustomerRef']),
    fields: fields
      .filter(({ differs }) => differs)
      .map(({ field, live, draft }) => ({ field, before: live, after: draft })),
  }));
}

function termsOf(body: JsonObject | null): Terms {
  return { from: text(body?.['validFrom']), to: text(body?.['validTo']) };
}

function text(value: Json | undefined): string | null {
  return typeof value === 'string' ? value : null;
}

type RightPair = readonly [string, Entitlement | null, Entitlement | null];

function rightsThatMove(before: World, after: World): readonly RightPair[] {
  const was = new Map(before.entitlements.map((each) => [each.externalRef, each]));
  const is = new Map(after.entitlements.map((each) => [each.externalRef, each]));
  return [...new Set([...was.keys(), ...is.keys()])]
    .toSorted()
    .map((ref): RightPair => [ref, was.get(ref) ?? null, is.get(ref) ?? null])
    .filter(([, own, next]) => JSON.stringify(own) !== JSON.stringify(next));
}

/** The rights that would be others. */
export function movedEntitlements(before: World, after: World): Impact['entitlements'] {
  return moves(
    rightsThatMove(before, after).map(([ref, own, next]) => ({
      ref,
      owner: (next ?? own)?.ownerRef ?? '',
      sku: (next ?? own)?.skuCode ?? '',
      before: rightOf(own),
      after: rightOf(next),
    })),
  );
}

function rightOf(entitlement: Entitlement | null): Right | null {
  if (entitlement === null) return null;
  return {
    status: entitlement.status,
    quantity: entitlement.plannedQuantity ?? null,
    from: entitlement.plannedFrom ?? null,
    to: entitlement.plannedTo ?? null,
    unitPrice: entitlement.unitPrice ?? null,
  };
}

/** The renewals that would be others, and the sums of all that are to come, per currency. */
export function movedRenewals(before: World, after: World): Impact['renewals'] {
  const was = new Map(before.renewals.map((each) => [each.externalRef, each]));
  const is = new Map(after.renewals.map((each) => [each.externalRef, each]));
  const moved = [...new Set([...was.keys(), ...is.keys()])]
    .toSorted()
    .filter((ref) => JSON.stringify(was.get(ref)) !== JSON.stringify(is.get(ref)))
    .map((ref) => {
      const known = is.get(ref) ?? was.get(ref);
      return {
        ref,
        owner: known?.ownerRef ?? '',
        currency: known?.currency ?? '',
        before: renewalOf(was.get(ref)),
        after: renewalOf(is.get(ref)),
      };
    });
  const forecast = { before: sumsOf(before.renewals), after: sumsOf(after.renewals) };
  return { ...moves(moved), forecast };
}

function renewalOf(term: RenewalTerm | undefined): Renewal | null {
  if (term === undefined) return null;
  const { renewalFrom, renewalTo, noticeDeadline, total } = term;
  return { on: renewalFrom, to: renewalTo, notice: noticeDeadline, total };
}

function sumsOf(terms: readonly RenewalTerm[]): readonly Money[] {
  const sums = new Map<string, Money>();
  for (const { currency, total } of terms) {
    const own = money(total, currency);
    const sum = sums.get(currency);
    sums.set(currency, sum === undefined ? own : addMoney(sum, own));
  }
  return [...sums.values()].toSorted((a, b) => (a.currency < b.currency ? -1 : 1));
}
