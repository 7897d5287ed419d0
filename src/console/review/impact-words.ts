import { shownValue } from '../shown-value.ts';
import type { Impact, Renewal, Right, Terms } from './review-types.ts';

/** One kind of thing that would move: how many, and the first of them a line each. */
export interface MovedList {
  readonly title: string;
  readonly total: number;
  readonly lines: readonly { readonly key: string; readonly text: string }[];
}

/** What would move, in words, without what would not. */
export function movedLists(impact: Impact): readonly MovedList[] {
  const { customers, documents, serviceDates, entitlements, renewals } = impact;
  const lists: readonly MovedList[] = [
    list('Customers', customers, ({ ref, name }) => name ?? ref),
    list('Orders, invoices and deals', documents, ({ noun, ref, number, customer, fields }) =>
      [
        `${noun} ${number ?? ref}`,
        customer === null ? '' : ` of ${customer}`,
        `: ${fields.map(({ field, before, after }) => `${field} ${shownValue(before)} → ${shownValue(after)}`).join(', ')}`,
      ].join(''),
    ),
    list(
      'Service dates',
      serviceDates,
      ({ noun, ref, before, after }) => `${noun} ${ref}: ${term(before)} → ${term(after)}`,
    ),
    list(
      'Rights',
      entitlements,
      ({ ref, sku, before, after }) => `${sku} (${ref}): ${right(before)} → ${right(after)}`,
    ),
    list(
      'Renewals',
      renewals,
      ({ ref, currency, before, after }) =>
        `${ref}: ${renewal(before, currency)} → ${renewal(after, currency)}`,
    ),
  ];
  return lists.filter(({ total }) => total > 0);
}

/** The sum of the renewals to come before and after, where it would move. */
export function forecastWords({ renewals }: Impact): string | null {
  const { before, after } = renewals.forecast;
  const sums = (side: typeof before) =>
    side.length === 0
      ? 'none'
      : side.map(({ amount, currency }) => `${amount} ${currency}`).join(', ');
  return sums(before) === sums(after) ? null : `${sums(before)} → ${sums(after)}`;
}

/** Records by what would become of them: `12 update, 88 unchanged`. */
export function countWords(counts: Impact['counts']): string {
  const some = Object.entries(counts).filter(([, count]) => count > 0);
  return some.length === 0
    ? 'no record'
    : some.map(([name, count]) => `${count} ${name}`).join(', ');
}

function list<Each extends { readonly ref: string }>(
  title: string,
  { total, first }: { readonly total: number; readonly first: readonly Each[] },
  words: (each: Each) => string,
): MovedList {
  return {
    title,
    total,
    lines: first.map((each, at) => ({ key: `${at} ${each.ref}`, text: words(each) })),
  };
}

function term({ from, to }: Terms): string {
  return `${from ?? 'open'} to ${to ?? 'open'}`;
}

function right(value: Right | null): string {
  if (value === null) return 'none';
  return `${value.quantity ?? 'any number'}, ${value.status}, ${term(value)}`;
}

function renewal(value: Renewal | null, currency: string): string {
  if (value === null) return 'none';
  return `${value.total} ${currency} on ${value.on}, notice by ${value.notice}`;
}
