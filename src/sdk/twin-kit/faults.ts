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

export const FaultRule = z.strictObject({
  match: FaultMatch.default({}),
  /** Fire on exactly the nth matching request (1 is the first). */
  nth: z.number().int().positive().optional(),
  /** Fire with this probability, from the plan's seed. */
  rate: z.number().min(0).max(1).optional(),
  /** Stop after this many firings. */
  times: z.number().int().positive().optional(),
  action: z.enum([
    'status',
    'delay',
    'refuse',
    'reset_before',
    'apply_then_reset',
    'apply_then_hang',
    'truncate_body',
    'malformed_json',
    'expire_token',
    'drop_record',
  ]),
  status: z.number().int().min(400).max(599).optional(),
  delayMs: z.number().int().nonnegative().optional(),
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
  /** The rule that fires for this request, if any; counts the request for every rule that matches it. */
  next(method: string, path: string): FaultRule | undefined;
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
    next: (method, path) => {
      let chosen: FaultRule | undefined;
      for (const entry of armed) {
        if (entry.rule.action === 'drop_record' || !matches(entry.rule, method, path)) continue;
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

function matches(rule: FaultRule, method: string, path: string): boolean {
  if (rule.match.method !== undefined && rule.match.method !== method) return false;
  return rule.match.path === undefined || path.includes(rule.match.path);
}
