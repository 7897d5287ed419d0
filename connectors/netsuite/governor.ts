import { setTimeout as delay } from 'node:timers/promises';

/** Lets calls of one account through, as many at once as the account bears right now. */
export interface Governor {
  /** Runs a task when its turn comes. Tasks start in order. */
  run<T>(task: () => Promise<T>): Promise<T>;
  /** The account took a call: after a while one more at once is tried. */
  took(): void;
  /** The account was too busy for a call that began at `startedAt` (`performance.now()`): fewer at once from now on. */
  refused(startedAt: number): void;
  /** Calls at once that are let through now. */
  limit(): number;
}

/**
 * Additive increase, multiplicative decrease, as TCP does it: a refusal halves the limit, each round of calls that
 * were taken adds one. Refusals of calls that were under way when the limit fell do not halve it again.
 */
function createGovernor(most: () => number): Governor {
  const waiting: (() => void)[] = [];
  let inside = 0;
  let allowed = Number.POSITIVE_INFINITY;
  let fellAt = Number.NEGATIVE_INFINITY;

  const now = (): number => Math.max(1, Math.floor(Math.min(allowed, most())));
  const admit = (): void => {
    while (inside < now()) {
      const next = waiting.shift();
      if (next === undefined) return;
      inside += 1;
      next();
    }
  };
  return {
    run: async (task) => {
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
        admit();
      });
      try {
        return await task();
      } finally {
        inside -= 1;
        admit();
      }
    },
    took: () => {
      if (allowed < most()) allowed += 1 / now();
      admit();
    },
    refused: (startedAt) => {
      if (startedAt < fellAt) return;
      allowed = Math.max(1, now() / 2);
      fellAt = performance.now();
    },
    limit: now,
  };
}

interface Account {
  readonly governor: Governor;
  /** What each open connection of the account lets through at most. */
  readonly users: Map<symbol, number>;
}

const accounts = new Map<string, Account>();

/**
 * Joins the governor of an account. NetSuite counts calls for the whole account, so all connections of one account in
 * this process share it, and the most careful of them sets its limit. `leave` when the connection is closed.
 */
export function joinAccount(
  account: string,
  concurrency: number,
): { readonly governor: Governor; readonly leave: () => void } {
  let shared = accounts.get(account);
  if (shared === undefined) {
    const users = new Map<symbol, number>();
    const most = (): number => Math.min(...users.values());
    shared = { governor: createGovernor(most), users };
    accounts.set(account, shared);
  }
  const { governor, users } = shared;
  const me = Symbol(account);
  users.set(me, concurrency);
  return {
    governor,
    leave: () => {
      users.delete(me);
      if (users.size === 0 && accounts.get(account)?.users === users) accounts.delete(account);
    },
  };
}

/** Waits between half of `ms` and all of it: callers that were refused together do not come back together. */
export async function pause(ms: number): Promise<void> {
  await delay(ms * (0.5 + Math.random() / 2));
}
