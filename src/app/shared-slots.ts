import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { TenantTx } from '../db/store.ts';
import { freeSlot, keepSlots, SLOT_SECONDS, takeSlot } from '../intake/call-slots.ts';
import { RateLimited } from '../kernel/errors.ts';
import { createSlots, type Slots } from '../security/slots.ts';
import type { CallPurpose } from './call-purpose.ts';

type InTenant = <T>(fn: (tx: TenantTx) => Promise<T>) => Promise<T>;

export interface SharedLimit {
  readonly concurrency: number;
  readonly reservePercent: number;
  readonly purpose: CallPurpose;
}

export interface SharedSlots {
  /** Throws RateLimited, with nothing sent, when no slot came free in time. */
  run<T>(call: () => Promise<T>, limit: SharedLimit): Promise<T>;
}

const LOOK_EVERY_MS = 50;
/** A write must be on its way before its intent's lease ends, of which this is a part. */
const WRITE_WAIT_MS = 20_000;
const READ_WAIT_MS = 120_000;

/**
 * Slots that all processes share: a row each, leased by the database clock. Reading leaves the reserve's share of them
 * free, rounded up, but always has one itself.
 */
export function createSharedSlots(inTenant: InTenant, connection: string): SharedSlots {
  const holder = randomUUID();
  const local = new Map<CallPurpose, { readonly most: number; readonly slots: Slots }>();
  const inUse = new Set<number>();
  let beat: NodeJS.Timeout | undefined;

  /** No more of this process than there are slots ask the store for one, and reads wait beside closed-won calls. */
  const localSlots = (most: number, purpose: CallPurpose): Slots => {
    const known = local.get(purpose);
    if (known?.most === most) return known.slots;
    const slots = createSlots(most);
    local.set(purpose, { most, slots });
    return slots;
  };
  const take = async (most: number, purpose: CallPurpose): Promise<number> => {
    const waitMs = purpose === 'read' ? READ_WAIT_MS : WRITE_WAIT_MS;
    const ends = performance.now() + waitMs;
    for (;;) {
      const slot = await inTenant((tx) => takeSlot(tx, connection, most, holder));
      if (slot !== null) return slot;
      if (performance.now() >= ends) throw noSlot(connection, waitMs);
      await delay(LOOK_EVERY_MS * (0.5 + Math.random()));
    }
  };
  const hold = async <T>(slot: number, call: () => Promise<T>): Promise<T> => {
    inUse.add(slot);
    beat ??= setInterval(
      () =>
        void inTenant((tx) => keepSlots(tx, connection, [...inUse], holder)).catch(() => undefined),
      (SLOT_SECONDS * 1000) / 4,
    ).unref();
    try {
      return await call();
    } finally {
      inUse.delete(slot);
      if (inUse.size === 0) {
        clearInterval(beat);
        beat = undefined;
      }
      // Should this fail, the lease ends by itself.
      await inTenant((tx) => freeSlot(tx, connection, slot, holder)).catch(() => undefined);
    }
  };
  return {
    run: (call, { concurrency, reservePercent, purpose }) => {
      const most = purpose === 'read' ? readSlots(concurrency, reservePercent) : concurrency;
      return localSlots(most, purpose).run(async () => await hold(await take(most, purpose), call));
    },
  };
}

function readSlots(concurrency: number, reservePercent: number): number {
  return Math.max(1, concurrency - Math.ceil((concurrency * reservePercent) / 100));
}

function noSlot(connection: string, waitedMs: number): RateLimited {
  return new RateLimited(
    `No call of connection "${connection}" came free in ${waitedMs / 1000} s: as many as its budget allows are in flight. It is tried again later; raise the limit with: trueup connections budget ${connection} --concurrency`,
    { details: { sent: false, connection } },
  );
}
