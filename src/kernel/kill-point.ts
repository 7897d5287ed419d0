import { writeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';

/** Every moment at which a test may end a process without a word. The name says what has just happened. */
export const KillPoint = z.enum([
  'pull.fetched',
  'pull.before_commit',
  'pull.committed',
  'inbox.before_commit',
  'inbox.committed',
  'push.leased',
  'push.intent_saved',
  'push.sent',
  'push.responded',
  'push.recorded',
  'push.read_back',
  'auth.refreshed_not_saved',
]);
export type KillPoint = z.infer<typeof KillPoint>;

/** What a kill point does: ends the process, or whatever a simulation calls a crash. `what` says what was under way. */
export type KillAction = (name: KillPoint, what: () => string) => void | Promise<void>;

let action: KillAction | undefined;
/** A signal to oneself is there by then. */
const STOP_MS = 50;

/** Marks a moment. Does nothing at all unless somebody armed the kill points of this process. */
export async function killPoint(name: KillPoint, what: () => string = () => ''): Promise<void> {
  if (action !== undefined) await action(name, what);
}

/** Arms all kill points of this process with an action; `undefined` disarms them. */
export function armKillPoints(next: KillAction | undefined): void {
  action = next;
}

/** `NAME:n`, as TRUEUP_KILL_POINT holds it: the process dies, or is stopped, when it comes by that point for the nth time. */
export interface KillPlan {
  readonly name: KillPoint;
  readonly nth: number;
  /** STOP: it stands still until somebody sends it SIGCONT, as a machine does that is paused. */
  readonly signal: 'SIGKILL' | 'SIGSTOP';
}

/** The plan in a text of the form `NAME:n` (`NAME` is `NAME:1`) or `NAME:n:STOP`; null when it is none. */
export function parseKillPlan(text: string): KillPlan | null {
  const [name, nth = '1', stop, ...rest] = text.split(':');
  const point = KillPoint.safeParse(name);
  const isPlan = rest.length === 0 && (stop === undefined || stop === 'STOP');
  if (!point.success || !isPlan || !/^[1-9]\d{0,5}$/.test(nth)) return null;
  return { name: point.data, nth: Number(nth), signal: stop === undefined ? 'SIGKILL' : 'SIGSTOP' };
}

/**
 * An action that ends this process as `kill -9` does, nothing flushed and nothing closed, the nth time; or stops it. What
 * was under way goes to standard error, so that whoever watches knows which moments were met.
 */
export function killAt({ name, nth, signal }: KillPlan): KillAction {
  let passed = 0;
  return async (at, what) => {
    if (at !== name) return;
    passed += 1;
    if (passed !== nth) return;
    writeSync(2, `kill point ${at} ${what()}\n`);
    process.kill(process.pid, signal);
    // The signal may take a moment; nothing may happen in it.
    await (signal === 'SIGKILL' ? new Promise(() => undefined) : delay(STOP_MS));
  };
}
