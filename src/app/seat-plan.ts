import type { Effect } from '../delivery/effect.ts';
import type { RecordOrder } from '../delivery/intent-order.ts';
import type { Plan } from '../delivery/plans.ts';
import type { PlanBody } from './deal-planning.ts';

/** `release` takes back what an applied plan about seats did. */
export const SEAT_ACTIONS = ['reclaim', 'reassign', 'hold', 'release'] as const;
export type SeatAction = (typeof SEAT_ACTIONS)[number];

/** What was asked, resolved: the same seats whenever it is drawn up again. */
export interface SeatRequest {
  readonly action: SeatAction;
  readonly seats: readonly { readonly connection: string; readonly seatRef: string }[];
  /** Who gets a seat that is given to another: a person as `SeatFilter` knows one. */
  readonly to?: string | undefined;
  /** The plan that is taken back, and the records of it that are meant; absent: all. */
  readonly planId?: string | undefined;
  readonly records?: readonly string[] | undefined;
}

/** One seat or login of a plan, and what becomes of it. */
export interface SeatLine {
  readonly connection: string;
  readonly seatRef: string;
  readonly userRef: string;
  readonly product: string | null;
  /** What its effect is about. */
  readonly canonicalId: string;
  readonly becomes: 'taken' | 'given' | 'held' | 'as it was';
}

/** A seat that the plan leaves alone, with the reason. */
interface LeftOut {
  readonly connection: string;
  readonly seatRef: string;
  readonly reason: string;
}

/** What is drawn up of a request: pure of what else the company allows. */
export interface SeatDraft {
  readonly lines: readonly SeatLine[];
  readonly leftOut: readonly LeftOut[];
  readonly effects: readonly Effect[];
  /** What is written only once another is seen as asked. */
  readonly orders: readonly RecordOrder[];
  /** Records of the plan that is taken back which it has not written yet, and does not write any more. */
  readonly dropped?: readonly string[];
  readonly inputs: PlanBody['inputs'];
  /** Seats and logins that somebody loses. */
  readonly freed: number;
}

/** What a plan of kind `seats` says beside what all plans say. */
export interface SeatPlanBody extends PlanBody {
  readonly seats: Omit<SeatDraft, 'effects' | 'inputs'> & {
    readonly request: SeatRequest;
    readonly reason: string | null;
    readonly requestedBy: string;
    /** How many may be taken without a person's word, and how many were lately. */
    readonly allowed: { readonly cap: number; readonly recent: number; readonly hours: number };
  };
}

/** True for a plan about seats. */
export function isSeatPlan(plan: Plan<PlanBody>): plan is Plan<SeatPlanBody> {
  return plan.kind === 'seats';
}
