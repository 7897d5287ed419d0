import type { LocalDate } from '../../../kernel/dates.ts';
import type { Rational } from '../../../kernel/rational.ts';
import type { Wish } from './coterm-document.ts';

/** What an alternative means for one line. */
export interface CotermedLine {
  readonly id: string;
  readonly action: 'extend' | 'credit' | 'start' | 'keep' | 'move' | 'blend';
  readonly from: LocalDate;
  readonly to: LocalDate;
  readonly endInclusive: LocalDate;
  /** What is due; a credit is negative. */
  readonly amount: string;
  /** blend_and_extend: what the new term costs, what is credited of the old one, and the price between the two. */
  readonly charge?: string;
  readonly credit?: string;
  readonly unitPrice?: string;
  readonly words: string;
}

/** One way to end all lines on one day. */
export interface CotermAlternative {
  readonly align: Wish['align'];
  /** Why it cannot be done; null where it can, and then the rest is there. */
  readonly unavailable: string | null;
  readonly to: LocalDate | null;
  readonly endInclusive: LocalDate | null;
  readonly lines: readonly CotermedLine[];
  readonly charges: string;
  readonly credits: string;
  readonly net: string;
  /** What was paid and not used on the day, what is afterwards, and what `before + net` leaves of `after`. */
  readonly before: string;
  readonly after: string;
  readonly difference: string;
  /** date_average: what is left on average, before it is cut to whole days, and how much longer than the shortest. */
  readonly average?: {
    readonly unit: 'days' | 'months';
    readonly exact: string;
    readonly left: string;
    readonly longerThanShortest: string;
  };
}

export interface Coterm {
  readonly what: 'coterm';
  readonly currency: string;
  readonly on: LocalDate;
  readonly alternatives: readonly CotermAlternative[];
  readonly steps: readonly string[];
}

/** A line before its amounts are rounded. */
export interface ExactLine extends Omit<CotermedLine, 'amount' | 'endInclusive' | 'words'> {
  readonly due: Rational;
  /** What the line is worth afterwards, from the day on. */
  readonly after: Rational;
  readonly how: string;
}

/** An alternative before its amounts are rounded; or why there is none. */
export type ExactAlternative =
  | { readonly unavailable: string }
  | {
      readonly to: LocalDate;
      readonly before: Rational;
      readonly lines: readonly ExactLine[];
      readonly average?: CotermAlternative['average'];
    };
