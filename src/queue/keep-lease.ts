interface LeaseKeeper {
  /** Extends the lease; false when it was taken over; throws when the database does not answer. */
  readonly renew: () => Promise<boolean>;
  readonly everyMs: number;
  /** Without a renewal for so long, somebody else may have the work. */
  readonly leaseMs: number;
  /** Called once. */
  readonly onLost: () => void;
}

/** Renews a lease at a steady beat until stopped; the returned function waits for a renewal under way. */
export function keepLease(keeper: LeaseKeeper): () => Promise<void> {
  let renewedAt = performance.now();
  let beat: Promise<void> | undefined;

  const once = async () => {
    const startedAt = performance.now();
    const held = await keeper.renew().catch(() => undefined);
    if (held === true) renewedAt = startedAt;
    if (held === false || performance.now() - renewedAt > keeper.leaseMs) {
      clearInterval(timer);
      keeper.onLost();
    }
  };
  const timer = setInterval(() => {
    beat ??= once().finally(() => {
      beat = undefined;
    });
  }, keeper.everyMs);

  return async () => {
    clearInterval(timer);
    await beat;
  };
}
