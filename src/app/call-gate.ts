import type { Store, TenantTx } from '../db/store.ts';
import {
  callBudget,
  noteVendorUsage,
  returnCalls,
  takeCalls,
  type CallBlock,
  type CallBudget,
} from '../intake/budgets.ts';
import { messageOf, RateLimited } from '../kernel/errors.ts';
import { hashJson } from '../kernel/hash.ts';
import type { Logger } from '../kernel/logger.ts';
import type { VendorUsage } from '../sdk/define-connector.ts';
import { createSlots } from '../security/slots.ts';
import { callPurpose, type CallPurpose } from './call-purpose.ts';
import { createSharedSlots } from './shared-slots.ts';

/** What every call of one connection passes in this process. */
export interface CallGate {
  /** Makes one call when the budget has one and a slot is free. Throws RateLimited with `retryAt` when it is spent. */
  run<T>(call: () => Promise<T>): Promise<T>;
  /** Throws what `run` would throw for want of budget, and takes nothing. */
  requireCall(): Promise<void>;
  reportUsage(usage: VendorUsage): void;
  /** Gives back what was taken and not used. */
  close(): Promise<void>;
}

export interface CallGateOptions {
  readonly store: Store;
  readonly logger: Logger;
  readonly tenantId: string;
  readonly connection: string;
}

interface Block {
  readonly day: string;
  readonly endsAt: number;
  left: number;
}

const SETTINGS_HOLD_MS = 1000;
const FIGURE_EVERY_MS = 1000;

/** Opens the gate of one connection. */
export function createCallGate(options: CallGateOptions): CallGate {
  const inTenant = <T>(fn: (tx: TenantTx) => Promise<T>) =>
    options.store.withTenant(options.tenantId, fn);
  const { connection } = options;
  const blocks = createBlocks(inTenant, connection);
  const slots = createSharedSlots(inTenant, connection);
  const figures = createFigures(inTenant, options);
  let budget: { readonly value: CallBudget; readonly until: number } | null = null;

  const currentBudget = async (): Promise<CallBudget> => {
    if (budget === null || performance.now() >= budget.until) {
      const value = await inTenant((tx) => callBudget(tx, connection));
      // What was taken under another budget may be more than this one has.
      if (budget !== null && hashJson({ ...value }) !== hashJson({ ...budget.value }))
        await blocks.giveBack();
      budget = { value, until: performance.now() + SETTINGS_HOLD_MS };
    }
    return budget.value;
  };
  return {
    requireCall: () => blocks.fill(callPurpose()),
    reportUsage: (usage) => figures.report(usage),
    run: async (call) => {
      const purpose = callPurpose();
      const { concurrency, reservePercent } = await currentBudget();
      const counted = async () => {
        await blocks.take(purpose);
        return await call();
      };
      if (concurrency === null) return await counted();
      return await slots.run(counted, { concurrency, reservePercent, purpose });
    },
    close: async () => {
      await figures.flush();
      await blocks.giveBack();
    },
  };
}

type InTenant = <T>(fn: (tx: TenantTx) => Promise<T>) => Promise<T>;

/** Calls that this process has taken and not made, by what they may be made for. */
function createBlocks(inTenant: InTenant, connection: string) {
  const held = new Map<CallPurpose, Block>();
  const turns = createSlots(1);

  const usable = (purpose: CallPurpose): Block | undefined => {
    const block = held.get(purpose);
    return block !== undefined && block.left > 0 && performance.now() < block.endsAt
      ? block
      : undefined;
  };
  const fill = async (purpose: CallPurpose): Promise<void> => {
    if (usable(purpose) !== undefined) return;
    const asked = performance.now();
    const taken = await inTenant((tx) => takeCalls(tx, connection, purpose));
    if (taken.allowance.calls === 0) throw spent(connection, taken);
    const endsAt = asked + taken.lastsMs;
    held.set(purpose, { day: taken.day, endsAt, left: taken.allowance.calls });
  };
  return {
    fill: (purpose: CallPurpose) => turns.run(() => fill(purpose)),
    take: async (purpose: CallPurpose): Promise<void> => {
      const ready = usable(purpose);
      if (ready !== undefined) {
        ready.left -= 1;
        return;
      }
      await turns.run(async () => {
        await fill(purpose);
        const block = held.get(purpose);
        if (block !== undefined) block.left -= 1;
      });
    },
    giveBack: async (): Promise<void> => {
      const unused = [...held.values()].filter((block) => block.left > 0);
      held.clear();
      for (const { day, left } of unused)
        await inTenant((tx) => returnCalls(tx, connection, day, left));
    },
  };
}

function spent(connection: string, { allowance, budget, used }: CallBlock): RateLimited {
  const { dailyCalls, reservePercent } = budget;
  const [retryAt, why] = 'spent' in allowance ? [allowance.retryAt, allowance.spent] : [undefined, 'budget']; // prettier-ignore
  const until = retryAt === undefined ? 'later' : `at ${retryAt.toISOString()}`;
  const said =
    why === 'vendor'
      ? `The other system says that its own limit of calls is nearly used up, and ${reservePercent} % of it are kept for closed-won deals.`
      : `It has used ${used} of its ${dailyCalls ?? 0} calls of today (UTC), of which ${reservePercent} % are kept for closed-won deals.`;
  return new RateLimited(
    `Connection "${connection}" makes no further call now. ${said} It goes on ${until}, where it stopped. See and change the budget with: trueup connections budget ${connection}`,
    {
      ...(retryAt === undefined ? {} : { retryAt }),
      details: { sent: false, connection, spent: why, used, dailyCalls, reservePercent },
    },
  );
}

/** The vendor's figure comes with every answer and is stored once a second at most. */
function createFigures(inTenant: InTenant, { connection, logger }: CallGateOptions) {
  let newest: VendorUsage | null = null;
  let timer: NodeJS.Timeout | undefined;
  const flush = async (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    const usage = newest;
    newest = null;
    if (usage === null) return;
    await inTenant((tx) => noteVendorUsage(tx, connection, usage)).catch((error: unknown) => {
      logger.warn('A figure of the calls used could not be kept', { reason: messageOf(error) });
    });
  };
  return {
    flush,
    report: (usage: VendorUsage): void => {
      if (!isCount(usage.used) || !isCount(usage.limit) || usage.limit === 0) return;
      newest = usage;
      timer ??= setTimeout(() => void flush(), FIGURE_EVERY_MS).unref();
    },
  };
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
