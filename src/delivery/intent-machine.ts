import { InternalError } from '../kernel/errors.ts';

/** As the ledger keeps it. */
export type IntentState =
  | 'PLANNED' | 'LEASED' | 'SENT' | 'APPLIED' | 'UNKNOWN' | 'CONFLICT' | 'QUARANTINED' | 'SUPERSEDED'; // prettier-ignore

/** Where an intent stands. SHOWN is APPLIED and read back: the other system has shown it, and nothing follows. */
export type IntentPhase = IntentState | 'SHOWN';

/**
 * Every move there is. The SQL of this room takes its states from here, and the database refuses every other move
 * (migration 0280; a test compares the two), so that no path of code has a shorter way.
 */
export const MOVES = {
  // Doubted after the ledger was restored from a backup: only the other system knows whether it was sent since.
  PLANNED: { lease: 'LEASED', overtake: 'SUPERSEDED', doubt: 'UNKNOWN' },
  LEASED: { send: 'SENT', release: 'PLANNED', lose: 'PLANNED', overtake: 'SUPERSEDED' },
  SENT: {
    applied: 'APPLIED',
    rejected: 'QUARANTINED',
    retry: 'PLANNED',
    unanswered: 'UNKNOWN',
    lose: 'UNKNOWN',
  },
  UNKNOWN: {
    shown: 'SHOWN',
    absent: 'PLANNED',
    incomplete: 'PLANNED',
    conflicting: 'CONFLICT',
    newer: 'SUPERSEDED',
    // Its connection was removed, and a person said that nobody waits to hear of it any more.
    giveUp: 'SUPERSEDED',
  },
  // The vendor said that it was applied, so what it does not show is nothing to send again.
  APPLIED: {
    shown: 'SHOWN',
    absent: 'CONFLICT',
    incomplete: 'CONFLICT',
    conflicting: 'CONFLICT',
    newer: 'SUPERSEDED',
    giveUp: 'SUPERSEDED',
  },
  SHOWN: {},
  CONFLICT: { overtake: 'SUPERSEDED' },
  QUARANTINED: { tryAgain: 'PLANNED', overtake: 'SUPERSEDED' },
  SUPERSEDED: {},
} as const satisfies Readonly<Record<IntentPhase, Readonly<Partial<Record<string, IntentPhase>>>>>;

type MovesOf = { readonly [P in IntentPhase]: keyof (typeof MOVES)[P] };
export type IntentMove = MovesOf[IntentPhase];

const MOVES_BY_NAME: Readonly<Record<IntentPhase, Readonly<Record<string, IntentPhase>>>> = MOVES;

/** All that the machine knows of one intent. Instants in milliseconds, all by the database's clock. */
export interface IntentStand {
  readonly phase: IntentPhase;
  /** Raised by whoever takes the intent up or away; what carries an older one changes nothing. */
  readonly fence: number;
  /** Until then a call may be on its way. */
  readonly leaseUntil: number | null;
  readonly notBefore: number;
  /** How often it was taken up and sent; what was given back or lost unsent does not count. */
  readonly attempts: number;
  readonly sentAt: number | null;
  /** When the other system was last asked what it holds. */
  readonly lookedAt: number | null;
}

/** What happens to an intent. `fence` is what the one who acts was given with the lease. */
export type IntentEvent =
  /** A worker takes it up. `earlier`: how far the revisions before it are. */
  | { readonly kind: 'lease'; readonly now: number; readonly leaseMs: number; readonly earlier: 'settled' | 'open' | 'on its way' }
  | { readonly kind: 'release'; readonly now: number; readonly fence: number; readonly waitMs: number }
  /** Committed before the socket is written. */
  | { readonly kind: 'send'; readonly now: number; readonly fence: number; readonly leaseMs: number }
  | { readonly kind: 'applied' | 'rejected'; readonly now: number; readonly fence: number }
  /** Surely nothing was applied. `jitter` from 0 to 1. `comeBackAt`: when the vendor asked us to come back. */
  | { readonly kind: 'retry'; readonly now: number; readonly fence: number; readonly jitter: number; readonly comeBackAt?: number }
  /** Nobody knows what came of it. `mayArrive`: the call may still be on its way. */
  | { readonly kind: 'unanswered'; readonly now: number; readonly fence: number; readonly mayArrive: boolean }
  /** What the other system was found to hold; it was asked at `asked`. */
  | { readonly kind: 'shown' | 'absent' | 'incomplete' | 'conflicting' | 'newer'; readonly now: number; readonly asked: number; readonly fence: number }
  /** The worker that held it is dead, or fenced off: its successor takes it away (`isSuccessor`), or its lease is over. */
  | { readonly kind: 'lose'; readonly now: number; readonly isSuccessor: boolean }
  /** The ledger was restored from a backup, and may be behind the world. */
  | { readonly kind: 'doubt'; readonly now: number }
  /** A later revision takes its place. */
  | { readonly kind: 'overtake'; readonly now: number }
  /** A person gives up hearing what became of it. */
  | { readonly kind: 'giveUp'; readonly now: number }
  /** A person wants it tried again. `overtaken`: something later stands for the record. */
  | { readonly kind: 'tryAgain'; readonly now: number; readonly overtaken: boolean }; // prettier-ignore

/**
 * When what got no answer is asked for again, in seconds after its call; and before what was not found is sent again, by how
 * often it was tried. The first look comes at once, because most of what lost its answer is there: one call settles it.
 */
export const READ_BACK_WAITS = [1, 15, 180, 3_600, 86_400] as const;
/** Before the first read-back of what got no answer. */
const FIRST_LOOK_MS = 1_000;
const LONGEST_RETRY_S = 300;

/** A new intent. */
export function plannedAt(now: number): IntentStand {
  return { phase: 'PLANNED', fence: 0, leaseUntil: null, notBefore: now, attempts: 0, sentAt: null, lookedAt: null }; // prettier-ignore
}

/** The phases that a move starts from. */
export function phasesBefore(move: IntentMove): readonly IntentPhase[] {
  return PHASES.filter((phase) => move in MOVES[phase]);
}

export const PHASES = Object.keys(MOVES) as readonly IntentPhase[];

/** Where a move leads. Throws InternalError for one that does not start there. */
export function phaseAfter(phase: IntentPhase, move: IntentMove): IntentPhase {
  const next = MOVES_BY_NAME[phase][move];
  if (next !== undefined) return next;
  throw new InternalError(`An intent that is ${phase} has no move "${move}".`);
}

/**
 * What an event makes of an intent. A guard that refuses leaves it as it was: the fence is not the holder's any more, it is
 * not due, its lease is over, an earlier revision is open or on its way. Throws InternalError for a move that does not start
 * where the intent stands.
 */
export function step(stand: IntentStand, event: IntentEvent): IntentStand {
  if ('fence' in event && event.fence !== stand.fence) return stand;
  const phase = phaseAfter(stand.phase, event.kind);
  switch (event.kind) {
    case 'lease':
      return leased(stand, event);
    case 'send':
      if (isOver(stand.leaseUntil, event.now)) return stand;
      return { ...stand, phase, sentAt: event.now, leaseUntil: event.now + event.leaseMs };
    case 'release':
      return { ...stand, phase, leaseUntil: null, notBefore: event.now + event.waitMs, attempts: stand.attempts - 1 }; // prettier-ignore
    case 'applied':
    case 'rejected':
      return { ...stand, phase, leaseUntil: null, notBefore: event.now };
    case 'retry':
      return { ...stand, phase, leaseUntil: null, notBefore: Math.max(event.comeBackAt ?? 0, event.now + retryWaitMs(stand, event.jitter)) }; // prettier-ignore
    case 'unanswered':
      return { ...stand, phase, leaseUntil: event.mayArrive ? stand.leaseUntil : null, notBefore: event.now + FIRST_LOOK_MS }; // prettier-ignore
    case 'lose':
      return lost(stand, event);
    case 'doubt':
      return { ...stand, phase, fence: stand.fence + 1, leaseUntil: null, notBefore: event.now };
    case 'overtake':
      // A call of what is a conflict may still be on its way: the next revision waits for its end.
      return { ...stand, phase, fence: stand.fence + 1, leaseUntil: stand.phase === 'LEASED' ? null : stand.leaseUntil }; // prettier-ignore
    case 'giveUp':
      return { ...stand, phase, fence: stand.fence + 1, leaseUntil: null };
    case 'tryAgain':
      return event.overtaken ? stand : { ...stand, phase, attempts: 0, notBefore: event.now };
    case 'shown':
    case 'absent':
    case 'incomplete':
    case 'conflicting':
    case 'newer':
      return readBack(stand, event);
  }
}

function leased(
  stand: IntentStand,
  { now, leaseMs, earlier }: Extract<IntentEvent, { readonly kind: 'lease' }>,
): IntentStand {
  if (stand.notBefore > now || earlier !== 'settled') return stand;
  return { ...stand, phase: 'LEASED', fence: stand.fence + 1, leaseUntil: now + leaseMs, attempts: stand.attempts + 1 }; // prettier-ignore
}

/** A successor holds the target's work alone, so it need not wait; the end of the lease of what was sent stays. */
function lost(
  stand: IntentStand,
  { now, isSuccessor }: Extract<IntentEvent, { readonly kind: 'lose' }>,
): IntentStand {
  if (!isSuccessor && !isOver(stand.leaseUntil, now)) return stand;
  const leaseUntil = stand.phase === 'SENT' ? stand.leaseUntil : null;
  const attempts = stand.attempts - (stand.phase === 'LEASED' ? 1 : 0);
  return { ...stand, phase: phaseAfter(stand.phase, 'lose'), fence: stand.fence + 1, leaseUntil, notBefore: now, attempts }; // prettier-ignore
}

type ReadBackEvent = Extract<IntentEvent, { readonly asked: number }>;

/**
 * Finding nothing, or not all, proves something only when no call could be on its way any more at the time of asking;
 * until then it is asked again 15 s, 3 min, 1 h and 1 day after the call, and when its lease is over.
 */
function readBack(stand: IntentStand, event: ReadBackEvent): IntentStand {
  const { kind, now, asked } = event;
  const phase = phaseAfter(stand.phase, kind);
  const looked = { ...stand, lookedAt: asked };
  if (phase === 'PLANNED' && !isOver(stand.leaseUntil, asked))
    return { ...looked, notBefore: Math.min(stand.leaseUntil ?? now, now + lookAgainMs(stand, now)) }; // prettier-ignore
  const leaseUntil = phase === 'SHOWN' ? null : stand.leaseUntil;
  const waitMs = phase === 'PLANNED' ? sendAgainMs(stand.attempts) : 0;
  return { ...looked, phase, leaseUntil, notBefore: now + waitMs };
}

function isOver(leaseUntil: number | null, now: number): boolean {
  return leaseUntil === null || leaseUntil <= now;
}

/** Any part of a wait that doubles with each attempt: what failed together does not come back together (full jitter). */
function retryWaitMs({ attempts }: IntentStand, jitter: number): number {
  return Math.min(LONGEST_RETRY_S, 2 ** attempts) * jitter * 1000;
}

function lookAgainMs({ sentAt }: IntentStand, now: number): number {
  const since = now - (sentAt ?? now);
  const next = READ_BACK_WAITS.find((seconds) => seconds * 1000 > since);
  return next === undefined ? READ_BACK_WAITS[0] * 1000 : next * 1000 - since;
}

/** How long what was not found waits before it is sent again, after so many calls of which nothing is seen. */
export function sendAgainMs(attempts: number): number {
  const at = Math.min(Math.max(attempts, 1), READ_BACK_WAITS.length) - 1;
  return (READ_BACK_WAITS[at] ?? 1) * 1000;
}
