const WINDOW_MS = 60_000;
/** Senders that are remembered; the oldest are forgotten first, so that memory stays bounded. */
const MOST_SENDERS = 10_000;

interface Window {
  readonly since: number;
  count: number;
}

/** Counts refusals per sender and minute. */
export interface RefusalLimit {
  isReached(sender: string): boolean;
  count(sender: string): void;
}

/** At most `most` refusals of one sender within a minute; `now` in milliseconds. */
export function createRefusalLimit(most: number, now: () => number): RefusalLimit {
  const windows = new Map<string, Window>();
  const current = (sender: string): Window | undefined => {
    const window = windows.get(sender);
    return window !== undefined && now() - window.since < WINDOW_MS ? window : undefined;
  };
  return {
    isReached: (sender) => (current(sender)?.count ?? 0) >= most,
    count: (sender) => {
      const window = current(sender) ?? { since: now(), count: 0 };
      window.count += 1;
      windows.delete(sender);
      windows.set(sender, window);
      const [oldest] = windows.keys();
      if (windows.size > MOST_SENDERS && oldest !== undefined) windows.delete(oldest);
    },
  };
}
