import { setTimeout as delay } from 'node:timers/promises';
import {
  CLOSED_BREAKER,
  breakerAfterFailure,
  breakerForPerson,
  tryBreaker,
  type Breaker,
} from '../kernel/breaker.ts';
import { HubError, RemoteUnavailable } from '../kernel/errors.ts';
import { earnRetry, FULL_BUDGET, spendRetry, type RetryBudget } from '../kernel/retry-budget.ts';

/** How one connection is asked: its breaker, its budget of retries, and the ports to time and chance. */
export interface Lane {
  /** Notes a first try. Throws RemoteUnavailable while the breaker is open, with `details.retryAt` in milliseconds. */
  enter(first: boolean): void;
  /** Notes what came of a try; undefined for an answer. */
  leave(error: unknown): void;
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

interface PacingPorts {
  readonly now: () => number;
  readonly random: () => number;
  readonly wait: Lane['wait'];
}

const REAL: PacingPorts = {
  now: () => Date.now(),
  random: () => Math.random(),
  wait: (ms, signal) => delay(ms, undefined, { signal }),
};

/** Makes the lanes of a process. Ports that are left out are the real ones. */
export function createPacing(ports: Partial<PacingPorts> = {}): Pacing {
  const real = { ...REAL, ...ports };
  const lanes = new Map<string, { readonly lane: Lane; readonly state: () => Breaker['state'] }>();
  return {
    lane: (tenantId, connection) => {
      const name = `${tenantId}/${connection}`;
      const known = lanes.get(name) ?? createLane(connection, real);
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

function createLane(connection: string, ports: PacingPorts) {
  let breaker: Breaker = CLOSED_BREAKER;
  let budget: RetryBudget = FULL_BUDGET;
  let lastFailure = '';

  const enter = (first: boolean): void => {
    const asked = tryBreaker(breaker, ports.now());
    breaker = asked.breaker;
    if (!asked.allowed) throw notAsked(connection, breaker, lastFailure);
    if (first) budget = earnRetry(budget);
  };

  const lane: Lane = {
    ...ports,
    enter,
    leave: (error) => {
      // What is not a remote error says nothing about the other side.
      if (error !== undefined && !(error instanceof HubError)) return;
      if (error instanceof RemoteUnavailable) lastFailure = error.message;
      breaker =
        error instanceof RemoteUnavailable
          ? breakerAfterFailure(breaker, ports.now())
          : CLOSED_BREAKER;
    },
    askedByPerson: () => {
      breaker = breakerForPerson(breaker);
    },
    mayRetry: () => {
      const left = spendRetry(budget);
      budget = left ?? budget;
      return left !== null;
    },
  };
  return { lane, state: () => breaker.state };
}

function notAsked(connection: string, breaker: Breaker, lastFailure: string): RemoteUnavailable {
  const retryAt = breaker.state === 'closed' ? 0 : breaker.until;
  return new RemoteUnavailable(
    `The system behind "${connection}" did not answer several times in a row and is left alone until ` +
      `${new Date(retryAt).toISOString()}. Look at it, or wait: reads go on by themselves. Last it said: ${lastFailure}`,
    { details: { retryAt } },
  );
}
