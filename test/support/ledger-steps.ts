import { expect } from '@jest/globals';
import type { TenantTx } from '../../src/db/store.ts';
import { compareReadBack, type ReadBackVerdict } from '../../src/delivery/compare-read-back.ts';
import {
  leasePlanned,
  markSent,
  markUnknown,
  reapLost,
  recordResults,
  recoverLost,
  releaseUnsent,
  type LeasedIntent,
} from '../../src/delivery/dispatch.ts';
import {
  plannedAt,
  step,
  type IntentEvent,
  type IntentStand,
} from '../../src/delivery/intent-machine.ts';
import { proposeIntents } from '../../src/delivery/intents.ts';
import { retryIntent } from '../../src/delivery/retry-intents.ts';
import {
  dueForReadBack,
  revisionsOf,
  settle,
  type AskedIntent,
} from '../../src/delivery/settle-intents.ts';
import { externalIdOf, intentIdOf } from '../../src/kernel/ids.ts';
import type { WriteResult } from '../../src/sdk/write.ts';
import type { TestStore } from './database.ts';
import type { FrozenClock } from './frozen-clock.ts';
import type { LedgerVendor } from './ledger-vendor.ts';

/** A call lasts so long at most, and starts within as much after its lease was taken. */
const TIMEOUT_MS = 30_000;
const LEASE_S = (2 * TIMEOUT_MS) / 1000 + 30;
export const WORKERS = 2;

/** How a call ends: what the vendor did, and what the worker hears of it. */
export const OUTCOMES = [
  'answered',
  'lost',
  'late',
  'never',
  'unsent',
  'refused',
  'throttled',
] as const;
export type Outcome = (typeof OUTCOMES)[number];

interface Revision {
  readonly externalId: string;
  readonly revision: number;
  readonly value: string;
  stand: IntentStand;
}

/** What the pure machine says that the ledger holds. */
export interface LedgerModel {
  readonly intents: Map<string, Revision>;
}

type Verdicts = readonly { readonly intent: AskedIntent; readonly verdict: ReadBackVerdict }[];

/** A worker process: what it has in hand. A paused one wakes up with all of it. */
interface Hand {
  leased: readonly LeasedIntent[];
  /** Sent, so the call may be made until `callBy`. */
  sent: readonly LeasedIntent[];
  callBy: number;
  /** Made; the answers are not recorded yet. */
  answers: readonly { readonly intent: LeasedIntent; readonly outcome: Outcome }[];
  verdicts: Verdicts;
}

/** The ledger in PostgreSQL, a vendor, and worker processes. */
export interface LedgerReal {
  readonly db: TestStore;
  readonly clock: FrozenClock;
  readonly vendor: LedgerVendor;
  readonly object: string;
  readonly hands: readonly Hand[];
}

export function newHand(): Hand {
  return { leased: [], sent: [], callBy: 0, answers: [], verdicts: [] };
}

export const CONNECTION = 'erp';
export const inTx = <T>({ db }: LedgerReal, fn: (tx: TenantTx) => Promise<T>): Promise<T> =>
  db.store.withTenant(db.tenantId, fn);
const target = ({ object }: LedgerReal) => ({ connection: CONNECTION, object });
export const handOf = ({ hands }: LedgerReal, worker: number): Hand => hands[worker] ?? newHand();

function move(model: LedgerModel, id: string, event: IntentEvent): void {
  const found = model.intents.get(id);
  if (found !== undefined) found.stand = step(found.stand, event);
}

const revisionsUnder = ({ intents }: LedgerModel, externalId: string): readonly (readonly [string, Revision])[] =>
  [...intents].filter(([, each]) => each.externalId === externalId).toSorted(([, a], [, b]) => a.revision - b.revision); // prettier-ignore

/** An effect of the business: the next revision of a record, unless it is what the newest one says already. */
export async function propose(
  model: LedgerModel,
  real: LedgerReal,
  record: string,
  value: string,
): Promise<void> {
  const effect = { connection: CONNECTION, object: real.object, canonicalId: record, vendorId: null, fields: { value } }; // prettier-ignore
  const externalId = externalIdOf({ tenantId: real.db.tenantId, ...effect });
  const { planned } = await inTx(real, (tx) => proposeIntents(tx, [effect]));
  const before = revisionsUnder(model, externalId);
  const isNew = before.at(-1)?.[1].value !== value;
  expect(planned).toBe(isNew ? 1 : 0);
  if (!isNew) return;
  const now = real.clock.now();
  for (const [id, { stand }] of before)
    if (stand.phase === 'PLANNED') move(model, id, { kind: 'overtake', now });
  const revision = (before.at(-1)?.[1].revision ?? 0) + 1;
  model.intents.set(intentIdOf(externalId, revision), { externalId, revision, value, stand: plannedAt(now) }); // prettier-ignore
}

function earlierOf(model: LedgerModel, { externalId, revision }: Revision, now: number) {
  const earlier = revisionsUnder(model, externalId).filter(([, each]) => each.revision < revision);
  const isOpen = ([, { stand }]: readonly [string, Revision]): boolean =>
    ['PLANNED', 'LEASED', 'SENT', 'UNKNOWN'].includes(stand.phase);
  if (earlier.some(isOpen)) return 'open';
  return earlier.some(([, { stand }]) => (stand.leaseUntil ?? 0) > now) ? 'on its way' : 'settled';
}

export async function lease(
  model: LedgerModel,
  real: LedgerReal,
  worker: number,
  batch: number,
): Promise<void> {
  const hand = handOf(real, worker);
  const limits = { batch, leaseSeconds: LEASE_S };
  hand.leased = await inTx(real, (tx) => leasePlanned(tx, target(real), limits));
  const now = real.clock.now();
  for (const { id, fence } of hand.leased) {
    const found = model.intents.get(id);
    if (found === undefined) throw new Error(`The ledger leased ${id}, which nobody proposed.`);
    const earlier = earlierOf(model, found, now);
    move(model, id, { kind: 'lease', now, leaseMs: LEASE_S * 1000, earlier });
    expect([found.stand.phase, found.stand.fence]).toEqual(['LEASED', fence]);
  }
  const isDue = (each: Revision): boolean =>
    each.stand.phase === 'PLANNED' && each.stand.notBefore <= now && earlierOf(model, each, now) === 'settled'; // prettier-ignore
  if (hand.leased.length < batch) expect([...model.intents.values()].filter(isDue)).toEqual([]);
}

export async function release(model: LedgerModel, real: LedgerReal, worker: number): Promise<void> {
  const hand = handOf(real, worker);
  await inTx(real, (tx) => releaseUnsent(tx, hand.leased, 5));
  for (const { id, fence } of hand.leased)
    moveIfHeld(model, id, { kind: 'release', now: real.clock.now(), fence, waitMs: 5_000 });
  hand.leased = [];
}

/** What an old worker asks for is refused by its fence alone: the machine is asked only where that holds. */
function moveIfHeld(
  model: LedgerModel,
  id: string,
  event: IntentEvent & { readonly fence: number },
): void {
  if (model.intents.get(id)?.stand.fence === event.fence) move(model, id, event);
}

export async function send(model: LedgerModel, real: LedgerReal, worker: number): Promise<void> {
  const hand = handOf(real, worker);
  const [now, leaseMs] = [real.clock.now(), LEASE_S * 1000];
  const before = new Map([...model.intents].map(([id, { stand }]) => [id, stand]));
  hand.sent = await inTx(real, (tx) => markSent(tx, hand.leased, LEASE_S));
  for (const { id, fence } of hand.leased)
    moveIfHeld(model, id, { kind: 'send', now, fence, leaseMs });
  const sends = [...model.intents].filter(([id, { stand }]) => stand !== before.get(id));
  expect(hand.sent.map(({ id }) => id).toSorted()).toEqual(sends.map(([id]) => id).toSorted());
  hand.leased = [];
  hand.callBy = now + TIMEOUT_MS;
}

/** Makes the call, if it is not too late for it: a worker that slept past the time for its calls makes none. */
export function call(
  real: LedgerReal,
  worker: number,
  outcomes: readonly Outcome[],
  model: LedgerModel,
): void {
  const hand = handOf(real, worker);
  const isLate = real.clock.now() > hand.callBy;
  hand.answers = hand.sent.map((intent, at) => {
    const outcome = isLate ? 'unsent' : (outcomes[at % outcomes.length] ?? 'answered');
    const value = model.intents.get(intent.id)?.value ?? '';
    const made = { id: intent.id, externalId: intent.externalId, revision: intent.revision, value, until: hand.callBy + TIMEOUT_MS }; // prettier-ignore
    if (outcome === 'answered' || outcome === 'lost') real.vendor.apply(made);
    if (outcome === 'late') real.vendor.send(made);
    return { intent, outcome };
  });
  hand.sent = [];
}

export async function record(model: LedgerModel, real: LedgerReal, worker: number): Promise<void> {
  const hand = handOf(real, worker);
  const silent = hand.answers.filter(({ outcome }) => SILENT.includes(outcome));
  const told = hand.answers.filter(({ outcome }) => !SILENT.includes(outcome));
  await inTx(real, async (tx) => {
    await recordResults(tx, told.map(({ intent }) => intent), told.map(({ outcome, intent }) => resultOf(outcome, intent))); // prettier-ignore
    for (const { intent, outcome } of silent)
      await markUnknown(tx, [intent], { code: 'x', message: 'x' }, outcome !== 'unsent');
  });
  const now = real.clock.now();
  for (const { intent, outcome } of hand.answers)
    moveIfHeld(model, intent.id, answerEvent(outcome, now, intent.fence));
  hand.answers = [];
}

const SILENT: readonly Outcome[] = ['lost', 'late', 'never', 'unsent'];

function resultOf(outcome: Outcome, { externalId }: LeasedIntent): WriteResult {
  const why = { externalId, code: 'x', message: 'x' };
  if (outcome === 'answered') return { kind: 'applied', externalId, vendorId: '1', warnings: [] };
  return outcome === 'refused' ? { kind: 'rejected', ...why, field: null } : { kind: 'retry', ...why }; // prettier-ignore
}

function answerEvent(
  outcome: Outcome,
  now: number,
  fence: number,
): IntentEvent & { readonly fence: number } {
  if (outcome === 'answered') return { kind: 'applied', now, fence };
  if (outcome === 'refused') return { kind: 'rejected', now, fence };
  if (outcome === 'throttled') return { kind: 'retry', now, fence, jitter: 0 };
  return { kind: 'unanswered', now, fence, mayArrive: outcome !== 'unsent' };
}

/** Asks the vendor; what it says is looked at later, and may be old by then. */
export async function ask(real: LedgerReal, worker: number): Promise<void> {
  const due = await inTx(real, (tx) => dueForReadBack(tx, target(real), 10));
  const known = await inTx(real, (tx) => revisionsOf(tx, due.map(({ externalId }) => externalId))); // prettier-ignore
  handOf(real, worker).verdicts = due.map((intent) => {
    const held = real.vendor.holds(intent.externalId);
    const record = held && { externalId: intent.externalId, intentId: held.intentId, vendorId: '1', fields: { value: held.value } }; // prettier-ignore
    const own = known.get(intent.externalId) ?? new Map<string, number>();
    return { intent, verdict: compareReadBack(intent, record, own) };
  });
}

export async function settleAsked(
  model: LedgerModel,
  real: LedgerReal,
  worker: number,
): Promise<void> {
  const hand = handOf(real, worker);
  await inTx(real, (tx) => settle(tx, hand.verdicts));
  const kinds = { applied: 'shown', absent: 'absent', incomplete: 'incomplete', conflict: 'conflicting', newer: 'newer' } as const; // prettier-ignore
  for (const { intent, verdict } of hand.verdicts) {
    const event = { kind: kinds[verdict.kind], now: real.clock.now(), asked: intent.askedAt.getTime(), fence: intent.fence }; // prettier-ignore
    // Another worker settled it meanwhile: what was asked about is not what is there.
    if (model.intents.get(intent.id)?.stand.phase === intent.state) moveIfHeld(model, intent.id, event); // prettier-ignore
  }
  hand.verdicts = [];
}

const HELD = ['LEASED', 'SENT'];

export async function takeAway(
  model: LedgerModel,
  real: LedgerReal,
  isSuccessor: boolean,
): Promise<void> {
  await inTx(real, (tx) => (isSuccessor ? recoverLost(tx, target(real)) : reapLost(tx)));
  for (const [id, { stand }] of model.intents)
    if (HELD.includes(stand.phase)) move(model, id, { kind: 'lose', now: real.clock.now(), isSuccessor }); // prettier-ignore
}

/** A person tries again whatever waits for one. */
export async function tryAgain(model: LedgerModel, real: LedgerReal): Promise<void> {
  const now = real.clock.now();
  for (const [id, { externalId, revision, value, stand }] of model.intents) {
    const overtaken = revisionsUnder(model, externalId).some(
      ([, each]) => each.revision > revision,
    );
    if (overtaken || (stand.phase !== 'QUARANTINED' && stand.phase !== 'CONFLICT')) continue;
    await inTx(real, (tx) => retryIntent(tx, id));
    if (stand.phase === 'QUARANTINED') move(model, id, { kind: 'tryAgain', now, overtaken });
    else {
      move(model, id, { kind: 'overtake', now });
      model.intents.set(intentIdOf(externalId, revision + 1), { externalId, revision: revision + 1, value, stand: plannedAt(now) }); // prettier-ignore
    }
  }
}
