import { endInclusive, type LocalDate } from '../../../kernel/dates.ts';
import { fiscalYearOf } from '../../../kernel/fiscal-calendar.ts';
import { moneyOf } from '../../../kernel/money.ts';
import { add, multiply, parseDecimal, rational, subtract, toPlain, type Rational } from '../../../kernel/rational.ts'; // prettier-ignore
import { alignLine, blendLine, remainingValue } from '../coterm.ts';
import { prorate } from '../prorate.ts';
import type { CotermInput, ReadLine, Wish } from './coterm-document.ts';
import { averageLines } from './coterm-average.ts';
import type {
  Coterm,
  CotermAlternative,
  CotermedLine,
  ExactAlternative,
  ExactLine,
} from './coterm-result.ts';

const ZERO = rational(0n);
const sumOf = (values: Iterable<Rational>): Rational => {
  let sum = ZERO;
  for (const each of values) sum = add(sum, each);
  return sum;
};
const DONE: Readonly<Record<CotermedLine['action'], string>> = {
  extend: 'extended to',
  credit: 'cut to',
  start: 'bought up to',
  keep: 'ends on',
  move: 'moved to',
  blend: 'ended and begun anew up to',
};
const later = (left: LocalDate, right: LocalDate): LocalDate => (left < right ? right : left);

/** The common end that an alternative asks for; null where the lines give none. */
function targetOf(
  { lines, calendar, on }: CotermInput,
  { align, to, inYearOf }: Wish,
): LocalDate | null {
  // prettier-ignore
  if (align === 'date' || align === 'blend_and_extend') return to;
  if (align === 'fiscal_year_end')
    return calendar === undefined ? null : fiscalYearOf(calendar, inYearOf).to;
  let target: LocalDate | null = null;
  for (const { to: end } of lines) {
    if (end === null || end <= on) continue;
    if (target === null || (align === 'earliest' ? end < target : end > target)) target = end;
  }
  return target;
}

/** Held lines end on another day at their price; new ones are charged up to it. */
function aligned(input: CotermInput, to: LocalDate): readonly ExactLine[] {
  const { lines, on, rule } = input;
  return lines.map((line) => {
    const { id, action, from, amount, words } = alignLine(line, to, rule);
    const term = { from: later(line.from, on), to };
    const after = multiply(line.value, prorate(term, rule, line.priceMonths).factor);
    return { id, action, from, to, due: amount, after, how: how(line, words) };
  });
}

/** Held lines end now and begin anew at one price for the rest and the extension. */
function blended(input: CotermInput, to: LocalDate): readonly ExactLine[] {
  const { on, rule, currency } = input;
  return input.lines.map((line) => {
    const end = line.to;
    if (line.state === 'new' || end === null || end === to) {
      const [own] = aligned({ ...input, lines: [line] }, to);
      if (own !== undefined) return own;
    }
    const held = { ...line, to: end ?? to };
    const newValue = multiply(line.quantity, line.newUnitPrice ?? line.unitPrice);
    const { credit, charge, value, remainder } = blendLine(held, newValue, { on, to, rule });
    const money = (exact: Rational): string => moneyOf(exact, currency).amount;
    const price = toPlain(multiply(value, { num: line.quantity.den, den: line.quantity.num }), 10);
    return {
      id: line.id,
      action: 'blend',
      from: remainder.from,
      to,
      // Both documents are rounded, so what is due is their difference.
      due: subtract(parseDecimal(money(charge)), parseDecimal(money(credit))),
      after: charge,
      charge: money(charge),
      credit: money(credit),
      unitPrice: price,
      how: `the rest up to ${endInclusive(held.to)} is worth ${money(credit)} at ${toPlain(line.unitPrice, 10)}; with the extension ${money(charge)}, that is ${price} for the whole new term`,
    };
  });
}

function how(line: ReadLine, words: string): string {
  const per = line.priceMonths === 12 ? '' : ` for ${line.priceMonths} months`;
  return `${toPlain(line.quantity, 6)} × ${toPlain(line.unitPrice, 10)}${per} × ${words}`;
}

function exactOf(input: CotermInput, wish: Wish): ExactAlternative {
  if (wish.align === 'date_average') return averageLines(input);
  const to = targetOf(input, wish);
  if (to === null) return { unavailable: 'no line has an end to align to' };
  if (to <= input.on) return { unavailable: `${endInclusive(to)} is not after ${input.on}` };
  const late = input.lines.find(({ from }) => from >= to);
  if (late !== undefined) return { unavailable: `line ${late.id} begins on ${late.from} only` };
  const open = input.lines.find((line) => line.state === 'held' && line.to === null);
  if (open !== undefined) return { unavailable: `line ${open.id} says how much is left, but not until when` }; // prettier-ignore
  const longer = input.lines.find((line) => line.to !== null && line.to > to);
  if (wish.align === 'blend_and_extend' && longer !== undefined)
    return { unavailable: `line ${longer.id} lasts longer than ${endInclusive(to)}: nothing is extended` }; // prettier-ignore
  const lines = wish.align === 'blend_and_extend' ? blended(input, to) : aligned(input, to);
  const before = sumOf(input.lines.map((line) => remainingValue(line, input.on, input.rule)));
  return { to, before, lines };
}

function roundedLine(
  { due, after: _after, how: words, ...line }: ExactLine,
  currency: string,
): CotermedLine {
  // prettier-ignore
  const { amount } = moneyOf(due, currency);
  const end = endInclusive(line.to);
  return {
    ...line,
    endInclusive: end,
    amount,
    words: line.action === 'keep' ? `${line.id} ends on ${end} already` : `${line.id}, ${DONE[line.action]} ${end}: ${words}; ${amount} ${currency}`, // prettier-ignore
  };
}

function roundedAlternative(input: CotermInput, wish: Wish): CotermAlternative {
  const { currency } = input;
  const exact = exactOf(input, wish);
  const money = (value: Rational): string => moneyOf(value, currency).amount;
  const zero = money(ZERO);
  if ('unavailable' in exact)
    return {
      align: wish.align,
      unavailable: exact.unavailable,
      to: null,
      endInclusive: null,
      lines: [],
      charges: zero,
      credits: zero,
      net: zero,
      before: zero,
      after: zero,
      difference: zero,
    };
  const lines = exact.lines.map((line) => roundedLine(line, currency));
  const amounts = lines.map(({ amount }) => parseDecimal(amount));
  // A blended line is two documents: the whole new term, and the credit of the old one's rest.
  const charged = lines.map(({ charge, amount }) => parseDecimal(charge ?? amount));
  const credited = lines.map(({ credit, amount }) => parseDecimal(credit === undefined ? amount : `-${credit}`)); // prettier-ignore
  const after = sumOf(exact.lines.map((line) => line.after));
  const due = sumOf(exact.lines.map((line) => line.due));
  return {
    align: wish.align,
    unavailable: null,
    to: exact.to,
    endInclusive: endInclusive(exact.to),
    lines,
    charges: money(sumOf(charged.filter(({ num }) => num > 0n))),
    credits: money(sumOf(credited.filter(({ num }) => num < 0n))),
    net: money(sumOf(amounts)),
    before: money(exact.before),
    after: money(after),
    difference: money(subtract(add(exact.before, due), after)),
    ...(exact.average === undefined ? {} : { average: exact.average }),
  };
}

function lostWords({ difference }: CotermAlternative, currency: string): string {
  const isNone = parseDecimal(difference).num === 0n;
  return isNone ? '' : `; ${difference} ${currency} are due to the method or the cut to whole days`;
}

/** Each alternative with its end, its money and one explanation a line, side by side (rule c.9; G-51, G-52). */
export function evaluateCoterm(input: CotermInput): Coterm {
  const alternatives = input.wishes.map((wish) => roundedAlternative(input, wish));
  const steps = alternatives.flatMap((each) =>
    each.unavailable === null
      ? [
          `${each.align}: all end on ${each.endInclusive ?? ''}; charges ${each.charges}, credits ${each.credits}, net ${each.net} ${input.currency}`,
          ...each.lines.map(({ words }) => `  ${words}`),
          `  Paid and not used: ${each.before} before, ${each.after} afterwards${lostWords(each, input.currency)}.`,
        ]
      : [`${each.align}: not possible, ${each.unavailable}`],
  );
  return { what: 'coterm', currency: input.currency, on: input.on, alternatives, steps };
}
