import * as z from 'zod';

/** Every moment at which a test may end a process without a word. The name says what has just happened. */
export const KillPoint = z.enum([
  'pull.fetched',
  'pull.before_commit',
  'pull.committed',
  'inbox.before_commit',
  'inbox.committed',
  'push.intent_saved',
  'push.sent',
  'push.responded',
  'push.recorded',
  'auth.refreshed_not_saved',
]);
export type KillPoint = z.infer<typeof KillPoint>;

/** What a kill point does: ends the process, or whatever a simulation calls a crash. */
export type KillAction = (name: KillPoint) => void | Promise<void>;

let action: KillAction | undefined;

/** Marks a moment. Does nothing at all unless somebody armed the kill points of this process. */
export async function killPoint(name: KillPoint): Promise<void> {
  if (action !== undefined) await action(name);
}

/** Arms all kill points of this process with an action; `undefined` disarms them. */
export function armKillPoints(next: KillAction | undefined): void {
  action = next;
}

/** `NAME:n`, as TRUEUP_KILL_POINT holds it: the process dies when it comes by that point for the nth time. */
export interface KillPlan {
  readonly name: KillPoint;
  readonly nth: number;
}

/** The plan in a text of the form `NAME:n` (`NAME` is `NAME:1`); null when it is none. */
export function parseKillPlan(text: string): KillPlan | null {
  const [name, nth = '1', ...rest] = text.split(':');
  const point = KillPoint.safeParse(name);
  if (!point.success || rest.length > 0 || !/^[1-9]\d{0,5}$/.test(nth)) return null;
  return { name: point.data, nth: Number(nth) };
}

/** An action that ends this process as `kill -9` does, nothing flushed and nothing closed, the nth time. */
export function killAt({ name, nth }: KillPlan): KillAction {
  let passed = 0;
  return async (at) => {
    if (at !== name) return;
    passed += 1;
    if (passed < nth) return;
    process.kill(process.pid, 'SIGKILL');
    // The signal may take a moment; nothing may happen in it.
    await new Promise(() => undefined);
  };
}
