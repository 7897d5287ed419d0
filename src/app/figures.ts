import { listTenants } from '../db/tenants.ts';
import { countIntents } from '../delivery/intents.ts';
import { fullestBudgets } from '../intake/budgets.ts';
import { countOpenQuarantine } from '../intake/quarantine.ts';
import { listStuck } from '../queue/outbox.ts';
import type { GaugeSources } from '../telemetry/metrics.ts';
import type { Deps } from './deps.ts';

/** States in which an intent waits for nothing any more. */
const SETTLED = new Set(['APPLIED', 'SUPERSEDED']);

/** What is asked for when somebody scrapes: figures over all companies together; no company can be told from them. */
export function figuresOf({
  store,
  queue,
  pacing,
}: Pick<Deps, 'store' | 'queue' | 'pacing'>): GaugeSources {
  return {
    breakers: async () => ({ ...pacing?.breakers() }),
    queueDepth: async () => ({ ...(await queue.depth()) }),
    openIntents: async () => {
      const sums = new Map<string, number>();
      for (const { id } of await listTenants(store)) {
        const counts = await store.readTenant(id, countIntents);
        for (const [state, count] of Object.entries(counts)) {
          if (!SETTLED.has(state)) sums.set(state, (sums.get(state) ?? 0) + count);
        }
      }
      return Object.fromEntries(sums);
    },
    budgetsUsed: async () => {
      const fullest = new Map<string, number>();
      for (const { id } of await listTenants(store)) {
        const ratios = await store.readTenant(id, fullestBudgets);
        for (const [connector, ratio] of Object.entries(ratios))
          fullest.set(connector, Math.max(fullest.get(connector) ?? 0, ratio));
      }
      return Object.fromEntries(fullest);
    },
    openErrors: async () => {
      let sum = 0;
      for (const { id } of await listTenants(store)) {
        sum += await store.readTenant(
          id,
          async (tx) => (await countOpenQuarantine(tx)) + (await listStuck(tx)).length,
        );
      }
      return sum;
    },
  };
}
