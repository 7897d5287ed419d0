import { AsyncLocalStorage } from 'node:async_hooks';

/** `closed-won`: a call that a won deal waits for, which may touch the reserve of the budget. `read`: any other. */
export type CallPurpose = 'read' | 'closed-won';

const current = new AsyncLocalStorage<CallPurpose>();

/** Runs `work` with the right to the reserve; every call that it makes, however deep, has it. */
export function forClosedWon<T>(work: () => T): T {
  return current.run('closed-won', work);
}

/** What the calls made here and now are for. */
export function callPurpose(): CallPurpose {
  return current.getStore() ?? 'read';
}

const listening = new AsyncLocalStorage<true>();

/**
 * Runs `work` outside the budget: a wait for the vendor's events may last for minutes and is no call of its API, so it
 * neither counts nor holds one of the connection's slots.
 */
export function forListening<T>(work: () => T): T {
  return listening.run(true, work);
}

/** True for the calls of a listener. */
export function isListening(): boolean {
  return listening.getStore() ?? false;
}
