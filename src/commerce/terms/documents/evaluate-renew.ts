import { addDays, contains, daysBetween, endInclusive, noticeDeadline, type LocalDate } from '../../../kernel/dates.ts'; // prettier-ignore
import { moneyOf } from '../../../kernel/money.ts';
import { add, multiply, parseDecimal, rational, toPlain, type Rational } from '../../../kernel/rational.ts'; // prettier-ignore
import { startOfDay } from '../midnight.ts';
import type { Term } from '../months.ts';
import { prorate } from '../prorate.ts';
import { baseAmount, ownedOn, renewalBase, termAfter, termCharges, type BaseLine } from '../renew.ts'; // prettier-ignore
import { rises, type Rise } from '../uplift.ts';
import type { RenewInput, SignedRenewal } from './renew-document.ts';
import type { RenewedDates, Renewal, ShownLine, SignedShown } from './renew-result.ts';
import { riseWords } from './uplift-document.ts';

const LONGEST_LIST = 600;
const quantityText = (value: Rational): string => toPlain(value, 6);

interface World extends RenewInput {
  readonly base: readonly BaseLine[];
  readonly baseAmount: Rational;
  /** How often the term renews by itself; no more than is asked for. */
  readonly renews: number;
  readonly outcome: Renewal['outcome'];
}

function money(world: RenewInput, value: Rational): string {
  return moneyOf(value, world.document.currency).amount;
}

function planOf({ document, term }: RenewInput) {
  const { months, noticeDays } = document.renewal;
  return { term, months, noticeDays };
}

/** After how many renewals a notice ends the term: those whose deadline it missed; null without one, or beyond all reckoning. */
function renewalsUntilNotice(input: RenewInput): number | null {
  const { noticeGivenOn } = input.document.renewal;
  if (noticeGivenOn === undefined) return null;
  const plan = planOf(input);
  for (let number = 0; number <= LONGEST_LIST; number += 1) {
    if (noticeGivenOn <= termAfter(plan, number).noticeDeadline) return number;
  }
  return null;
}

/** What happens at the end of the term, and how many renewals are to be shown (G-55). */
function courseOf(input: RenewInput): Pick<World, 'outcome' | 'renews'> {
  const { kind, times } = input.document.renewal;
  if (input.signed !== null) return { outcome: 'renewed', renews: 0 };
  if (kind === 'manual') return { outcome: 'lapses', renews: 0 };
  const until = renewalsUntilNotice(input);
  if (until === 0) return { outcome: 'ended_by_notice', renews: 0 };
  if (until !== null) return { outcome: 'notice_was_late', renews: Math.min(until, LONGEST_LIST) };
  return { outcome: kind === 'auto' ? 'renews' : 'evergreen', renews: times };
}

function datesOf({ document }: RenewInput, term: Term): RenewedDates {
  const deadline = noticeDeadline(term.to, document.renewal.noticeDays);
  return {
    from: term.from,
    to: term.to,
    endInclusive: endInclusive(term.to),
    noticeDeadline: deadline,
    noticeClosesAt: startOfDay(addDays(deadline, 1), document.timeZone).toISOString(),
  };
}

/** The rises as far as they are known: a fixed one always, an index only once it is published. */
function risesOf({ document, renews }: World): readonly Rise[] {
  if (document.uplift === undefined) return [];
  const { policy, indices } = document.uplift;
  const known = policy.index === 'fixed' ? Array.from({ length: renews }, () => '0') : indices;
  return rises(policy, known.slice(0, renews));
}

function renewalsOf(world: World): Renewal['renewals'] {
  const plan = planOf(world);
  const known = risesOf(world);
  return Array.from({ length: world.renews }, (_, at) => {
    const rise = known[at] ?? null;
    const isKnown = world.document.uplift === undefined || rise !== null;
    const amount = multiply(world.baseAmount, rise?.factor ?? rational(1n));
    return {
      number: at + 1,
      ...datesOf(world, termAfter(plan, at + 1)),
      uplift: rise === null ? null : { indexPct: rise.indexPct, appliedPct: rise.appliedPct, because: rise.because }, // prettier-ignore
      amount: world.base.length > 0 && isKnown ? money(world, amount) : null,
    };
  });
}

function shownLine(world: RenewInput, line: BaseLine, months: number): ShownLine {
  return {
    sku: line.sku,
    quantity: quantityText(line.quantity),
    unitPrice: toPlain(line.unitPrice, 10),
    amount: money(world, baseAmount([line], months)),
  };
}

/** A renewal that was signed: booked on one day, in service (and revenue) from another (G-57; ASC 606-10-55-58C). */
function signedOf(world: RenewInput, signed: SignedRenewal): SignedShown {
  const { term, document } = world;
  const lines = signed.lines.map((line) => {
    const { factor } = prorate(signed, document.proration, line.priceMonths);
    const amount = money(world, multiply(multiply(line.quantity, line.unitPrice), factor));
    return { ...shownLine(world, line, 12), amount };
  });
  const total = lines.reduce((sum, { amount }) => add(sum, parseDecimal(amount)), rational(0n));
  return {
    bookedOn: signed.on,
    serviceStart: signed.from,
    serviceEndInclusive: endInclusive(signed.to),
    early: signed.on < signed.from && signed.on < term.to,
    onTime: signed.on < term.to,
    daysEarly: Math.max(0, daysBetween(signed.on, signed.from)),
    daysLate: Math.max(0, daysBetween(term.to, signed.on) + 1),
    gapDays: Math.max(0, daysBetween(term.to, signed.from)),
    lines,
    amount: money(world, total),
  };
}

function ownedAt(world: World, renewals: Renewal['renewals'], day: LocalDate): string {
  const { signed, segments, addOns, base } = world;
  const ends = signed !== null && signed.supersedes && signed.from < world.term.to ? signed.from : world.term.to; // prettier-ignore
  const term = { from: world.term.from, to: ends };
  const total = (lines: readonly BaseLine[]): Rational => lines.reduce((sum, { quantity }) => add(sum, quantity), rational(0n)); // prettier-ignore
  if (contains(term, day)) return quantityText(ownedOn(segments, addOns, term, day));
  if (signed !== null && contains(signed, day)) return quantityText(total(signed.lines));
  return renewals.some((each) => contains(each, day)) ? quantityText(total(base)) : '0';
}

const OUTCOMES: Readonly<Record<Renewal['outcome'], string>> = {
  renews: 'renews by itself, unless notice is given by the deadline',
  evergreen: 'goes on from one period to the next, until notice is given',
  lapses: 'ends, for nothing renews it',
  renewed: 'is followed by the renewal that was signed',
  ended_by_notice: 'ends: notice was given in time',
  notice_was_late: 'was renewed, for the notice came after its deadline, and ends with a later one',
};

function signedSteps(world: RenewInput, signed: SignedShown | null): readonly string[] {
  if (signed === null) return [];
  const { currency } = world.document;
  const when = signed.onTime ? (signed.early ? 'early, and on time' : 'on time') : `${signed.daysLate} days late`; // prettier-ignore
  return [
    `Signed on ${signed.bookedOn} (${when}): service, and with it revenue, from ${signed.serviceStart} up to and with ${signed.serviceEndInclusive}: ${signed.amount} ${currency}`,
    ...(signed.gapDays > 0 ? [`Nothing is owned for ${signed.gapDays} days between.`] : []),
  ];
}

function stepsOf(
  world: World,
  shown: Omit<Renewal, 'steps'>,
  charges: readonly string[],
): readonly string[] {
  // prettier-ignore
  const { currency, renewal, base: rule } = world.document;
  const { term } = shown;
  return [
    `The term runs from ${term.from} up to and with ${term.endInclusive} and ${OUTCOMES[shown.outcome]}.`,
    `Notice of ${renewal.noticeDays} days is in time up to and with ${term.noticeDeadline}, until ${term.noticeClosesAt}.`,
    ...charges,
    ...(charges.length > 0 ? [`The term costs ${shown.termAmount} ${currency}.`] : []),
    ...shown.base.lines.map(
      (line) => `Renewal base (${rule}): ${line.quantity} ${line.sku} × ${line.unitPrice}, ${line.amount} ${currency} for ${renewal.months} months`, // prettier-ignore
    ),
    ...shown.owned.map(({ on, quantity }) => `Owned on ${on}: ${quantity}`),
    ...shown.renewals.map(({ number, from, endInclusive: end, amount }, at) => {
      const rise = risesOf(world)[at];
      const words = rise === undefined ? '' : `, ${riseWords(rise)}`;
      const price = amount === null ? 'its price is not known yet' : `${amount} ${currency}`;
      return `Renewal ${number}: from ${from} up to and with ${end}${words}: ${price}`;
    }),
    ...signedSteps(world, shown.signed),
    ...(shown.endsOn === null ? [] : [`It ends on ${shown.endsOn}.`]),
  ];
}

/** The last day of all, where it is certain. */
function endsOn(world: World, renewals: Renewal['renewals']): LocalDate | null {
  const { outcome } = world;
  if (outcome === 'lapses' || outcome === 'ended_by_notice') return endInclusive(world.term.to);
  return outcome === 'notice_was_late' ? (renewals.at(-1)?.endInclusive ?? null) : null;
}

/** Dates, base, price and outcome of a term's renewal (rule c.9; G-53 to G-57). */
export function evaluateRenew(input: RenewInput): Renewal {
  const { document, term, segments, addOns } = input;
  const base = renewalBase(segments, addOns, document.base);
  const amount = baseAmount(base, document.renewal.months);
  const world: World = { ...input, base, baseAmount: amount, ...courseOf(input) };
  const charges = termCharges(segments, addOns, term, document.proration).map(
    ({ amount: exact, words }) => ({ words, amount: money(world, exact) }),
  );
  const total = charges.reduce((sum, each) => add(sum, parseDecimal(each.amount)), rational(0n));
  const renewals = renewalsOf(world);
  const shown: Omit<Renewal, 'steps'> = {
    what: 'renew',
    currency: document.currency,
    term: datesOf(world, term),
    outcome: world.outcome,
    endsOn: endsOn(world, renewals),
    termAmount: money(world, total),
    base: {
      lines: base.map((line) => shownLine(world, line, document.renewal.months)),
      quantity: quantityText(base.reduce((sum, { quantity }) => add(sum, quantity), rational(0n))),
      amount: money(world, amount),
    },
    owned: document.ownedAt.map((on) => ({ on, quantity: ownedAt(world, renewals, on) })),
    renewals,
    signed: input.signed === null ? null : signedOf(world, input.signed),
  };
  const said = charges.map((each) => `${each.words} = ${each.amount} ${document.currency}`);
  return { ...shown, steps: stepsOf(world, shown, said) };
}
