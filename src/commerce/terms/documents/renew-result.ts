import type { LocalDate } from '../../../kernel/dates.ts';
import type { Rise } from '../uplift.ts';

/** A term's days; `to` is the first day after it. */
export interface RenewedDates {
  readonly from: LocalDate;
  readonly to: LocalDate;
  readonly endInclusive: LocalDate;
  /** Notice on this day is in time, and from the instant on that is said, in UTC, it is late. */
  readonly noticeDeadline: LocalDate;
  readonly noticeClosesAt: string;
}

export interface ShownLine {
  readonly sku: string;
  readonly quantity: string;
  readonly unitPrice: string;
  readonly amount: string;
}

/** A signed renewal: its booking and its service are two dates. */
export interface SignedShown {
  readonly bookedOn: LocalDate;
  readonly serviceStart: LocalDate;
  readonly serviceEndInclusive: LocalDate;
  readonly early: boolean;
  readonly onTime: boolean;
  readonly daysEarly: number;
  readonly daysLate: number;
  readonly gapDays: number;
  readonly lines: readonly ShownLine[];
  readonly amount: string;
}

/** What becomes of a term. */
export interface Renewal {
  readonly what: 'renew';
  readonly currency: string;
  readonly term: RenewedDates;
  readonly outcome:
    | 'renews'
    | 'evergreen'
    | 'lapses'
    | 'renewed'
    | 'ended_by_notice'
    | 'notice_was_late';
  /** The last day of all; null where it goes on. */
  readonly endsOn: LocalDate | null;
  /** What the whole term costs, ramp and add-ons together. */
  readonly termAmount: string;
  readonly base: {
    readonly lines: readonly ShownLine[];
    readonly quantity: string;
    readonly amount: string;
  };
  readonly owned: readonly { readonly on: LocalDate; readonly quantity: string }[];
  readonly renewals: readonly (RenewedDates & {
    readonly number: number;
    readonly uplift: Pick<Rise, 'indexPct' | 'appliedPct' | 'because'> | null;
    /** Null where an index is not published yet, or no price is in the document. */
    readonly amount: string | null;
  })[];
  readonly signed: SignedShown | null;
  readonly steps: readonly string[];
}
