import { createHash } from 'node:crypto';
import pg from 'pg';
import { virtualTime } from './virtual-time.ts';

type Query = (this: pg.Client, ...given: readonly unknown[]) => unknown;

/** What we know of a connection between two statements. */
interface Session {
  /** Read only and nothing has failed in it: whether its commit is sent now or later makes no difference to anybody. */
  isHarmless: boolean;
  /** A commit that was answered and goes with the next statement. */
  owesCommit: boolean;
}

/**
 * Said once per connection. A plan is made once, by no parameter and by no statistics: a simulation repeats a few hundred
 * statements over small tables for ever, and a plan must not depend on how many seeds lived in a store before. The time and
 * the chance of a transaction come first on its search path (`host.ts`).
 */
const SETTINGS = `set plan_cache_mode = force_generic_plan; set enable_seqscan = off; set search_path = sim, pg_catalog, public`;

/** What a transaction takes for the time and for chance, whatever order its rows come in. */
const entering = (): string =>
  `set local sim.now = '${virtualTime.now()}'; set local sim.chance = '${Math.random()}'`;

const names = new Map<string, string>();
/** PostgreSQL keeps the first 63 bytes of a statement's name. */
function nameOf(text: string): string {
  const known = names.get(text);
  if (known !== undefined) return known;
  const name = createHash('sha256').update(text).digest('base64url');
  names.set(text, name);
  return name;
}

/**
 * Makes the connections of this process speak less with PostgreSQL, which is where a seed spends its life: every statement
 * with parameters is prepared once per connection, what a simulated transaction begins with goes with its `begin`, and the
 * end of one that only read goes with the next `begin`. No statement is left out and none is answered from memory.
 */
export function hastenStore(): void {
  const real = Reflect.get(pg.Client.prototype, 'query') as Query;
  const sessions = new WeakMap<pg.Client, Session>();
  const hasty: Query = function hasty(first, values, ...rest) {
    const known = sessions.get(this);
    const session = known ?? { isHarmless: false, owesCommit: false };
    sessions.set(this, session);
    const owed = session.owesCommit ? 'commit; ' : '';
    session.owesCommit = false;
    if (typeof first === 'string' && first.startsWith('begin')) {
      session.isHarmless = first.includes('read only');
      const setUp = known === undefined ? `${SETTINGS}; ` : '';
      return real.call(this, `${owed}${setUp}${first}; ${entering()}`, values, ...rest);
    }
    if (owed !== '') void Promise.resolve(real.call(this, 'commit')).catch(() => undefined);
    if (first === 'commit' && session.isHarmless) {
      session.owesCommit = true;
      return Promise.resolve({ command: 'COMMIT', rows: [], rowCount: null, fields: [], oid: 0 });
    }
    const isPrepared = typeof first === 'string' && Array.isArray(values) && values.length > 0;
    const answer = isPrepared
      ? real.call(this, { name: nameOf(first), text: first, values }, ...rest)
      : real.call(this, first, values, ...rest);
    if (answer instanceof Promise) answer.catch(() => (session.isHarmless = false));
    return answer;
  };
  Object.defineProperty(pg.Client.prototype, 'query', { value: hasty });
}
