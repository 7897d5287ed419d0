import type { TenantTx } from '../db/store.ts';
import { countWaitingEvents } from '../intake/usage/batches.ts';
import { firstOpenDay } from '../intake/usage/horizon.ts';
import type { LocalDate } from '../kernel/dates.ts';
import { usageKeysOf, type UsageKeys } from '../security/usage-keys.ts';
import { companySetting } from './company-settings.ts';
import type { Deps } from './deps.ts';

/** Per process, so that a batch costs no more than its own write. */
const FRESH_MS = 2_000;

/** By what the events of a company are judged, and how it stands with those that came. */
export interface UsageScreening {
  readonly firstDay: LocalDate;
  readonly keys: UsageKeys;
  readonly waitingEvents: number;
}

interface Known {
  readonly at: number;
  readonly screening: Promise<UsageScreening>;
}

const known = new WeakMap<Deps['kek'], Map<string, Known>>();

/**
 * What is known of a company's intake now; at most two seconds old. `isFresh` is true for the one who asked the store:
 * once in that time, whoever that is can do what has to be done now and then.
 */
export async function screeningOf(
  deps: Pick<Deps, 'store' | 'kek'>,
  tenantId: string,
): Promise<UsageScreening & { readonly isFresh: boolean }> {
  const ofProcess = known.get(deps.kek) ?? new Map<string, Known>();
  known.set(deps.kek, ofProcess);
  const now = performance.now();
  const kept = ofProcess.get(tenantId);
  if (kept !== undefined && now - kept.at < FRESH_MS)
    return { ...(await kept.screening), isFresh: false };
  const screening = deps.store.withTenant(tenantId, (tx) => load(deps, tx));
  ofProcess.set(tenantId, { at: now, screening });
  // A failure is not remembered: the next batch asks again.
  screening.catch(() => ofProcess.delete(tenantId));
  return { ...(await screening), isFresh: true };
}

async function load(deps: Pick<Deps, 'kek'>, tx: TenantTx): Promise<UsageScreening> {
  const { usageEvents } = await companySetting(tx, 'retention');
  return {
    firstDay: await firstOpenDay(tx, usageEvents),
    keys: await usageKeysOf(tx, deps.kek),
    waitingEvents: await countWaitingEvents(tx),
  };
}
