import * as z from 'zod';

/** What a rule of the fault plan looks at. Absent members match everything. */
export const FaultMatch = z.strictObject({
  method: z.string().optional(),
  /** A substring of the request's path. */
  path: z.string().optional(),
  /** For `drop_record`: the vendor object and, unless any will do, the id. */
  object: z.string().optional(),
  id: z.string().optional(),
});

/** What happens on the wire, whatever the vendor. */
const WIRE_ACTIONS = [
  'status',
  'delay',
  'refuse',
  'reset_before',
  'apply_then_reset',
  'apply_then_hang',
  'truncate_body',
  'malformed_json',
  'html_page',
  'wrong_type',
  'redirect',
  'huge_body',
  'slow_body',
  'gzip_bomb',
  'expire_token',
] as const;

/**
 * What happens to the vendor's state. A twin asks `fires` where it can happen: `drop_record` reads leave a record out;
 * `late` commits a write with an older stamp; `page_shift` moves rows between two pages; `partial` fails items of a
 * batch; `row_lock`, `limit` and `overload` are the vendor's own refusals; `revoke` kills every token and refuses new
 * ones; `duplicate_event`, `reorder`, `gap`, `overflow` and `expire_replay` disturb events; `hide_field` and
 * `retype_field` change the schema; `slow_create` answers a create late; `expire_locator` forgets a query; `short_page` gives
 * fewer rows than were asked for (`with: { rows }`) and says that there are more.
 */
const STATE_ACTIONS = [
  'drop_record',
  'late',
  'page_shift',
  'partial',
  'row_lock',
  'limit',
  'overload',
  'revoke',
  'duplicate_event',
  'reorder',
  'gap',
  'overflow',
  'expire_replay',
  'hide_field',
  'retype_field',
  'slow_create',
  'expire_locator',
  'short_page',
] as const;
export type StateAction = (typeof STATE_ACTIONS)[number];

export const FaultRule = z.strictObject({
  match: FaultMatch.default({}),
  /** Fire on exactly the nth matching request (1 is the first). */
  nth: z.number().int().positive().optional(),
  /** Fire with this probability, from the plan's seed. */
  rate: z.number().min(0).max(1).optional(),
  /** Stop after this many firings. */
  times: z.number().int().positive().optional(),
  action: z.enum([...WIRE_ACTIONS, ...STATE_ACTIONS]),
  status: z.number().int().min(200).max(599).optional(),
  /** Headers of a `status` answer, such as `retry-after` or `location`. */
  headers: z.record(z.string(), z.string()).optional(),
  /** Body of a `status` answer; for `huge_body`, `gzip_bomb` and `slow_body` the twin makes its own. */
  body: z.string().optional(),
  delayMs: z.number().int().nonnegative().optional(),
  /** Bytes of a body that the twin makes. */
  bytes: z.number().int().positive().optional(),
  /** What a state action needs to know, in the words of the system's twin. */
  with: z.record(z.string(), z.json()).optional(),
});
export type FaultRule = z.infer<typeof FaultRule>;

/** A seeded fault plan: `{ seed, rules: [{ match, nth | rate, action }] }`. */
export const FaultPlan = z.strictObject({
  seed: z.number().int().default(1),
  rules: z.array(FaultRule).default([]),
});
export type FaultPlan = z.infer<typeof FaultPlan>;

export interface Faults {
  set(plan: FaultPlan): void;
  plan(): FaultPlan;
  /** How often each rule of the plan has fired, in its order: a test must know that what it survived happened. */
  firings(): readonly number[];
  /** The rule that fires for this request, if any; counts the request for every rule that matches it. */
  next(method: string, path: string): FaultRule | undefined;
  /** The rule that fires for this action on this object now, if any; counts for every rule that matches. */
  fires(action: StateAction, object: string, id?: string): FaultRule | undefined;
  /** True if reads of this object must leave this record out although counts include it. */
  drops(object: string, id: string): boolean;
}

/** A small seeded generator (mulberry32): the same seed gives the same faults. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

interface Armed {
  readonly rule: FaultRule;
  seen: number;
  fired: number;
}

/** The fault plan of one running twin. */
export function createFaults(): Faults {
  let plan: FaultPlan = { seed: 1, rules: [] };
  let armed: Armed[] = [];
  let random = seededRandom(1);

  const fires = (entry: Armed): boolean => {
    if (entry.rule.times !== undefined && entry.fired >= entry.rule.times) return false;
    if (entry.rule.nth !== undefined) return entry.seen === entry.rule.nth;
    return entry.rule.rate === undefined || random() < entry.rule.rate;
  };

  return {
    set: (next) => {
      plan = next;
      armed = next.rules.map((rule) => ({ rule, seen: 0, fired: 0 }));
      random = seededRandom(next.seed);
    },
    plan: () => plan,
    firings: () => armed.map(({ fired }) => fired),
    next: (method, path) => {
      let chosen: FaultRule | undefined;
      for (const entry of armed) {
        if (isStateAction(entry.rule.action) || !matches(entry.rule, method, path)) continue;
        entry.seen += 1;
        if (chosen !== undefined || !fires(entry)) continue;
        entry.fired += 1;
        chosen = entry.rule;
      }
      return chosen;
    },
    fires: (action, object, id) => {
      let chosen: FaultRule | undefined;
      for (const entry of armed) {
        const { match } = entry.rule;
        if (entry.rule.action !== action) continue;
        if (match.object !== undefined && match.object !== object) continue;
        if (match.id !== undefined && match.id !== id) continue;
        entry.seen += 1;
        if (chosen !== undefined || !fires(entry)) continue;
        entry.fired += 1;
        chosen = entry.rule;
      }
      return chosen;
    },
    drops: (object, id) =>
      plan.rules.some(
        (rule) =>
          rule.action === 'drop_record' &&
          rule.match.object === object &&
          (rule.match.id === undefined || rule.match.id === id),
      ),
  };
}

/** True for what happens to the vendor's state, which only its own twin can bring about. */
export function isStateAction(action: FaultRule['action']): action is StateAction {
  return STATE_ACTIONS.some((each) => each === action);
}

function matches(rule: FaultRule, method: string, path: string): boolean {
  if (rule.match.method !== undefined && rule.match.method !== method) return false;
  return rule.match.path === undefined || path.includes(rule.match.path);
}
