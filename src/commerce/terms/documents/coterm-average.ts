import { add, compare, divide, multiply, rational, subtract, toPlain, type Rational } from '../../../kernel/rational.ts'; // prettier-ignore
import { averageTerms, daysLeft } from '../coterm.ts';
import { prorate } from '../prorate.ts';
import type { CotermInput, ReadLine } from './coterm-document.ts';
import type { ExactAlternative, ExactLine } from './coterm-result.ts';

/** A line with what a year of it costs and what it has left, in the unit of the average. */
interface Weighed {
  readonly line: ReadLine;
  readonly yearly: Rational;
  readonly left: Rational;
}

const ZERO = rational(0n);
const YEAR = { days: rational(365n), months: rational(12n) } as const;

function leftOf(line: ReadLine, { on, unit }: CotermInput): Rational | null {
  if (line.left !== null) return line.left;
  if (line.to === null) return null;
  const own = { ...line, to: line.to };
  if (unit === 'days') return rational(BigInt(daysLeft(own, on)));
  const from = line.state === 'new' ? line.from : on;
  return prorate({ from, to: line.to }, { method: 'calendar_period' }, 1).factor;
}

/** What a new line costs for the time that it was bought for: prices stay, only the end moves. */
function priceOfNew(
  { line, yearly, left }: Weighed,
  input: CotermInput,
): { readonly amount: Rational; readonly words: string } {
  // prettier-ignore
  if (line.to !== null && line.left === null) {
    const { factor, words } = prorate({ from: line.from, to: line.to }, input.rule, line.priceMonths); // prettier-ignore
    return { amount: multiply(line.value, factor), words };
  }
  const year = YEAR[input.unit];
  const amount = multiply(yearly, divide(left, year));
  return { amount, words: `${toPlain(left, 6)}/${toPlain(year, 0)} of a year` };
}

/** The alternative in which prices stay and ends meet at their average, weighted by value; or why there is none. */
export function averageLines(input: CotermInput): ExactAlternative {
  const { lines, on, unit } = input;
  const weighed: Weighed[] = [];
  for (const line of lines) {
    const left = leftOf(line, input);
    if (left === null)
      return { unavailable: `line ${line.id} was bought for no term of its own: an average needs one` }; // prettier-ignore
    const yearly = multiply(line.value, rational(12n, BigInt(line.priceMonths)));
    weighed.push({ line, yearly, left });
  }
  if (weighed.every(({ yearly }) => yearly.num === 0n))
    return { unavailable: 'no line is worth anything: an average is weighted by value' };
  const { exact, to, cut } = averageTerms(
    weighed.map(({ yearly, left }) => ({ value: yearly, left })),
    on,
    unit,
  );
  const shared = subtract(exact, cut);
  if (to <= on) return { unavailable: 'less than a day is left on average' };
  const shortest = weighed.reduce((least, { left }) => compare(left, least) < 0 ? left : least, weighed[0]?.left ?? ZERO); // prettier-ignore
  const year = YEAR[unit];
  const moved = weighed.map((each): ExactLine => {
    const { line, yearly, left } = each;
    const { amount, words } = line.state === 'new' ? priceOfNew(each, input) : { amount: ZERO, words: '' }; // prettier-ignore
    const said = line.state === 'new' ? `bought for ${words}` : 'paid already';
    return {
      id: line.id,
      action: 'move',
      from: line.from,
      to,
      due: amount,
      after: multiply(yearly, divide(shared, year)),
      how: `${said}, had ${toPlain(left, 4)} ${unit} left and has ${toPlain(shared, 4)}`,
    };
  });
  const before = weighed
    .filter(({ line }) => line.state === 'held')
    .reduce((sum, { yearly, left }) => add(sum, multiply(yearly, divide(left, year))), ZERO);
  return {
    to,
    before,
    lines: moved,
    average: {
      unit,
      exact: toPlain(exact, 6),
      left: toPlain(shared, 6),
      longerThanShortest: toPlain(subtract(exact, shortest), 6),
    },
  };
}
