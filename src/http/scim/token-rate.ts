/** Directories whose pace is remembered; the longest unseen are forgotten first, so that memory stays bounded. */
const MOST_SENDERS = 10_000;

interface Bucket {
  left: number;
  at: number;
}

/** Lets each sender through at a pace, with a burst; `now` in milliseconds. */
export interface TokenRate {
  /** 0 if the request may pass, which it is then counted for; else the whole seconds to wait. */
  take(sender: string): number;
}

/** At most `burst` requests at once and `perSecond` in the long run. */
export function createTokenRate(
  limit: { readonly burst: number; readonly perSecond: number },
  now: () => number,
): TokenRate {
  const buckets = new Map<string, Bucket>();
  return {
    take: (sender) => {
      const at = now();
      const before = buckets.get(sender) ?? { left: limit.burst, at };
      const refilled = before.left + ((at - before.at) / 1000) * limit.perSecond;
      const left = Math.min(limit.burst, refilled);
      buckets.delete(sender);
      buckets.set(sender, { left: left >= 1 ? left - 1 : left, at });
      const [oldest] = buckets.keys();
      if (buckets.size > MOST_SENDERS && oldest !== undefined) buckets.delete(oldest);
      return left >= 1 ? 0 : Math.max(1, Math.ceil((1 - left) / limit.perSecond));
    },
  };
}
