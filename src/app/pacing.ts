import { setTimeout as delay } from 'node:timers/promises';
import {
  CLOSED_BREAKER,
  breakerAfterFailure,
  breakerForPerson,
  tryBreaker,
  type Breaker,
} from '../kernel/breaker.ts';
import { HubError, RateLimited, RemoteUnavailable } from '../kernel/errors.ts';
import { earnRetry, FULL_BUDGET, spendRetry, type RetryBudget } from '../kernel/retry-budget.ts';

/** How one connection is asked: its breaker, its budget of retries, and the ports to time and chance. */
export interface Lane {
  /** Notes a first try. Throws RemoteUnavailable while the breaker is open, with `details.retryAt` in milliseconds. */
  enter(first: boolean): void;
  /** Notes what came of a try; undefined for an answer. `longestOpenMs`: an open breaker is probed at least that often. */
  leave(error: unknown, longestOpenMs?: number): void;
  /**
   * Throws, without a try, what `enter` would throw, and RateLimited while the vendor's own wait lasts
   * (`retryAt`): nobody else of this process need ask to hear that again.
   */
  requireOpen(): void;
  /** The vendor asked that nobody comes back before this instant. */
  hold(until: Date): void;
  /** How many records may be asked for at once: one after a failure, twice as many with each answer, `most` at last. */
  width(most: number): number;
  /** Tries in a row that got no answer. */
  failures(): number;
  /** Closes an open breaker until the next failure: a person asks, who may know that the system is back. */
  askedByPerson(): void;
  /** Takes one retry from the budget; false if none is left. */
  mayRetry(): boolean;
  now(): number;
  /** At least 0 and below 1. */
  random(): number;
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

/** The lanes of one process, one a connection: an outage of one system slows nobody who reads another. */
export interface Pacing {
  lane(tenantId: string, connection: string): Lane;
  /** How many connections have a breaker in each state. */
  breakers(): Readonly<Record<Breaker['state'], number>>;
}

/** A breaker that opened or stays open: until when nobody asks, and what was said last. */
export interface OpenedBreaker {
  readonly until: Date;
  readonly reason: string;
}

interface PacingPorts {
  readonly now: () => number;
  readonly random: () => number;
  readonly wait: Lane['wait'];
  /** Told when a connection's breaker opens, stays open after a try, or closes (null). */
  readonly breakerMoved: (
    tenantId: string,
    connection: string,
    breaker: OpenedBreaker | null,
  ) => void;
}

const REAL: PacingPorts = {
  now: () => Date.now(),
  random: () => Math.random(),
  wait: (ms, signal) => delay(ms, undefined, { signal }),
  breakerMoved: () => undefined,
};

/** Makes the lanes of a process. Ports that are left out are the real ones. */
export function createPacing(ports: Partial<PacingPorts> = {}): Pacing {
  const real = { ...REAL, ...ports };
  const lanes = new Map<string, { readonly lane: Lane; readonly state: () => Breaker['state'] }>();
  return {
    lane: (tenantId, connection) => {
      const name = `${tenantId}/${connection}`;
      const moved: Moved = (breaker) => real.breakerMoved(tenantId, connection, breaker);
      const known = lanes.get(name) ?? createLane(connection, real, moved);
      lanes.set(name, known);
      return known.lane;
    },
    breakers: () => {
      const counts = { closed: 0, open: 0, half_open: 0 };
      for (const { state } of lanes.values()) counts[state()] += 1;
      return counts;
    },
  };
}

type Moved = (breaker: OpenedBreaker | null) => void;

function createLane(
  connection: string,
  { now, random, wait }: Omit<PacingPorts, 'breakerMoved'>,
  moved: Moved,
) {
  const ports = { now, random, wait };
  let breaker: Breaker = CLOSED_BREAKER;
  let budget: RetryBudget = FULL_BUDGET;
  let lastFailure = '';
  let heldUntil = 0;
  let width = Number.POSITIVE_INFINITY;
  let failures = 0;

  const become = (next: Breaker): void => {
    const before = breaker;
    breaker = next;
    if (next.state === 'closed' && before.state !== 'closed') moved(null);
    if (next.state !== 'closed' && next !== before)
      moved({ until: new Date(next.until), reason: lastFailure });
  };
  const enter = (first: boolean): void => {
    const asked = tryBreaker(breaker, ports.now());
    breaker = asked.breaker;
    if (!asked.allowed) throw notAsked(connection, breaker, lastFailure);
    if (first) budget = earnRetry(budget);
  };

  const lane: Lane = {
    ...ports,
    enter,
    leave: (error, longestOpenMs) => {
      // What is not a remote error says nothing about the other side.
      if (error !== undefined && !(error instanceof HubError)) return;
      const hasFailed = error instanceof RemoteUnavailable;
      if (hasFailed) lastFailure = error.message;
      width = hasFailed ? 1 : width * 2;
      failures = hasFailed ? failures + 1 : 0;
      become(hasFailed ? breakerAfterFailure(breaker, ports.now(), longestOpenMs) : CLOSED_BREAKER);
    },
    requireOpen: () => {
      const now = ports.now();
      if (now < heldUntil) throw stillHeld(connection, heldUntil);
      if (!tryBreaker(breaker, now).allowed) throw notAsked(connection, breaker, lastFailure);
    },
    hold: (until) => {
      heldUntil = Math.max(heldUntil, until.getTime());
    },
    width: (most) => Math.min(most, width),
    failures: () => failures,
    askedByPerson: () => {
      heldUntil = 0;
      become(breakerForPerson(breaker));
    },
    mayRetry: () => {
      const left = spendRetry(budget);
      budget = left ?? budget;
      return left !== null;
    },
  };
  return { lane, state: () => breaker.state };
}

function stillHeld(connection: string, until: number): RateLimited {
  const retryAt = new Date(until);
  return new RateLimited(
    `The system behind "${connection}" asked us to come back at ${retryAt.toISOString()}, and is left alone until then.`,
    { retryAt, details: { sent: false, connection } },
  );
}

function notAsked(connection: string, breaker: Breaker, lastFailure: string): RemoteUnavailable {
  const retryAt = breaker.state === 'closed' ? 0 : breaker.until;
  return new RemoteUnavailable(
    `The system behind "${connection}" did not answer several times in a row and is left alone until ` +
      `${new Date(retryAt).toISOString()}. Look at it, or wait: reads go on by themselves. Last it said: ${lastFailure}`,
    { details: { retryAt } },
  );
}
