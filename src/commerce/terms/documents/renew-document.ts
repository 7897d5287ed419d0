import * as z from 'zod';
import { CalendarDate, CurrencyCode, Percent, SkuCode } from '../../../canonical/fields.ts';
import { addMonths } from '../../../kernel/dates.ts';
import { ValidationError } from '../../../kernel/errors.ts';
import { dayIn } from '../midnight.ts';
import type { Term } from '../months.ts';
import {
  checkCurrency,
  collectProblems,
  documentHead,
  periodFields,
  positiveQuantity,
  priceOf,
  quantityOf,
  statedPrice,
  termOf,
  type Problems,
} from '../problems.ts';
import { PRORATION_METHODS } from '../prorate.ts';
import type { AddOn, BaseLine, Segment } from '../renew.ts';
import { perMonths, ProrationFields } from './proration-fields.ts';
import { checkUplift, UpliftFields } from './uplift-document.ts';

const sku = SkuCode.default('the subscription');
const months = z.number().int().min(1).max(120);
const line = { sku, quantity: positiveQuantity, unitPrice: statedPrice, perMonths } as const;

const SegmentFields = z.strictObject({
  ...line,
  ...periodFields,
  from: CalendarDate.optional().describe('The first day; that of the term where absent'),
});
const AddOnFields = z.strictObject({ ...line, from: CalendarDate });

const SignedFields = z.strictObject({
  on: CalendarDate.describe('The day of the signature: the booking'),
  from: CalendarDate.optional().describe('The first day of service; where absent the day after the term'), // prettier-ignore
  to: periodFields.to,
  endInclusive: periodFields.endInclusive,
  lines: z.array(z.strictObject(line)).min(1),
  supersedes: z
    .boolean()
    .default(false)
    .describe('Whether the old term ends where this one begins'),
});

const RenewalFields = z.strictObject({
  kind: z.enum(['auto', 'evergreen', 'manual']).default('auto'),
  months: months.default(12).describe('The length of a renewed term'),
  noticeDays: z.number().int().min(0).max(730).default(0),
  noticeGivenOn: CalendarDate.optional(),
  times: z.number().int().min(1).max(600).default(1).describe('How many renewals are shown'),
});

/** A term, what is in it, and what its renewal comes to. */
export const RenewDocument = z.strictObject({
  ...documentHead,
  what: z.literal('renew'),
  currency: CurrencyCode,
  timeZone: z.string().default('UTC').describe('Where the days of the contract begin at midnight'),
  term: z.strictObject({ ...periodFields, months: months.optional() }),
  renewal: RenewalFields.prefault({}),
  segments: z
    .array(SegmentFields)
    .max(1000)
    .default([])
    .describe('What is owned; the steps of a ramp follow each other'),
  addOns: z.array(AddOnFields).max(10_000).default([]).describe('What was bought in the middle of the term and ends with it'), // prettier-ignore
  base: z.enum(['last_segment', 'first_segment', 'average']).default('last_segment'),
  proration: ProrationFields.extend({ method: z.enum(PRORATION_METHODS).default('month_plus_day') }).prefault({}), // prettier-ignore
  uplift: z
    .strictObject({
      policy: UpliftFields,
      indices: z.array(Percent).max(600).default([]).describe('As far as they are published'),
    })
    .optional(),
  ownedAt: z.array(CalendarDate).max(1000).default([]),
  signed: SignedFields.optional().describe('The renewal that was signed'),
});
type RenewDocument = z.output<typeof RenewDocument>;

/** A signed renewal in figures. */
export interface SignedRenewal extends Term {
  readonly on: string;
  readonly supersedes: boolean;
  readonly lines: readonly BaseLine[];
}

/** A document that was found to fit. */
export interface RenewInput {
  readonly document: RenewDocument;
  readonly term: Term;
  readonly segments: readonly Segment[];
  readonly addOns: readonly AddOn[];
  readonly signed: SignedRenewal | null;
}

type SaidLine = z.output<z.ZodObject<typeof line>>;

function readLine(problems: Problems, at: string, said: SaidLine): BaseLine {
  return {
    sku: said.sku,
    quantity: quantityOf(problems, `${at}/quantity`, said.quantity),
    unitPrice: priceOf(problems, `${at}/unitPrice`, said.unitPrice),
    priceMonths: said.perMonths,
  };
}

function readTerm(problems: Problems, { term }: RenewDocument): Term {
  const { months: length, ...said } = term;
  if (length === undefined) return termOf(problems, '/term', said);
  if (said.to !== undefined || said.endInclusive !== undefined)
    problems.add('/term', 'two_ends', 'gives its months and its end: keep one of them');
  return { from: said.from, to: addMonths(said.from, length) };
}

function readSegments(
  problems: Problems,
  { segments }: RenewDocument,
  term: Term,
): readonly Segment[] {
  // prettier-ignore
  return segments.map((said, at) => {
    const pointer = `/segments/${at}`;
    const isEnded = said.to !== undefined || said.endInclusive !== undefined;
    const from = said.from ?? term.from;
    const own = termOf(problems, pointer, isEnded ? { ...said, from } : { from, to: term.to });
    if (own.from < term.from || own.to > term.to)
      problems.add(pointer, 'outside_term', `lies outside the term from ${term.from} up to ${term.to}`); // prettier-ignore
    return { ...readLine(problems, pointer, said), ...own };
  });
}

/** The steps of one part number's ramp follow each other: two at a time would count twice, a gap would count nothing. */
function checkRamps(problems: Problems, segments: readonly Segment[]): void {
  const placed = segments.map((each, at) => ({ ...each, pointer: `/segments/${at}` }));
  for (const own of Map.groupBy(placed, (each) => each.sku).values()) {
    const ordered = own.toSorted((left, right) => (left.from < right.from ? -1 : 1));
    ordered.forEach((each, at) => {
      const next = ordered[at + 1];
      if (next === undefined || next.from === each.to) return;
      if (next.from < each.to)
        problems.add(next.pointer, 'overlap', `begins on ${next.from}, before the one before it ends on ${each.to}: both would count. Bought on top, it is an add-on`); // prettier-ignore
      else
        problems.add(next.pointer, 'gap', `begins on ${next.from}, but the one before it ends on ${each.to}: nothing is owned between`); // prettier-ignore
    });
  }
}

function readAddOns(problems: Problems, { addOns }: RenewDocument, term: Term): readonly AddOn[] {
  return addOns.map((said, at) => {
    const pointer = `/addOns/${at}`;
    if (said.from < term.from || said.from >= term.to)
      problems.add(`${pointer}/from`, 'outside_term', `${said.from} lies outside the term from ${term.from} up to ${term.to}`); // prettier-ignore
    return { ...readLine(problems, pointer, said), from: said.from };
  });
}

function readSigned(
  problems: Problems,
  { signed, renewal }: RenewDocument,
  term: Term,
): SignedRenewal | null {
  // prettier-ignore
  if (signed === undefined) return null;
  const from = signed.from ?? term.to;
  const isEnded = signed.to !== undefined || signed.endInclusive !== undefined;
  const own = isEnded
    ? termOf(problems, '/signed', { ...signed, from })
    : { from, to: addMonths(from, renewal.months) };
  if (from <= term.from)
    problems.add('/signed/from', 'precedes_base', `a renewal from ${from} precedes the term that it renews, from ${term.from}`); // prettier-ignore
  else if (from < term.to && !signed.supersedes)
    problems.add('/signed/from', 'overlap', `the renewal begins on ${from} and the term ends on ${term.to}: both would count. Say "supersedes" if the old one ends then`); // prettier-ignore
  const lines = signed.lines.map((each, at) => readLine(problems, `/signed/lines/${at}`, each));
  return { ...own, on: signed.on, supersedes: signed.supersedes, lines };
}

function checkZone(problems: Problems, { timeZone }: RenewDocument): void {
  try {
    dayIn(timeZone, 0);
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error;
    problems.add('/timeZone', 'unknown_time_zone', error.message);
  }
}

/** The document in figures. Throws ValidationError with its problems. */
export function readRenew(document: RenewDocument): RenewInput {
  const problems = collectProblems();
  checkCurrency(problems, '/currency', document.currency);
  checkZone(problems, document);
  if (document.uplift !== undefined)
    checkUplift(problems, '/uplift/policy', document.uplift.policy);
  const term = readTerm(problems, document);
  const segments = readSegments(problems, document, term);
  checkRamps(problems, segments);
  const addOns = readAddOns(problems, document, term);
  const signed = readSigned(problems, document, term);
  problems.refuse();
  return { document, term, segments, addOns, signed };
}
