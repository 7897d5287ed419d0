import { appendAudit } from '../../audit/audit-log.ts';
import type { TenantTx } from '../../db/store.ts';
import type { Target } from '../../delivery/target.ts';
import { getIntent } from '../../delivery/intents.ts';
import { askAboutUnknown, retryIntent, retryRefused } from '../../delivery/retry-intents.ts';
import { getQuarantined, reopenForRetry } from '../../intake/quarantine.ts';
import { ValidationError } from '../../kernel/errors.ts';
import { retryStuck } from '../../queue/outbox.ts';
import { stuckBy } from '../../queue/stuck-causes.ts';
import type { WorkRef } from '../../queue/port.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';
import { errorGroup } from '../error-groups.ts';
import { errorKind } from '../error-kind.ts';
import { deliverWork, mapWork, request } from '../request.ts';
import { requireApprover } from '../retry-right.ts';

/** How much is tried again. */
export interface Retried {
  readonly records: number;
  readonly intents: number;
  readonly work: number;
}

type RetryDeps = Pick<Deps, 'store' | 'queue' | 'mappings'>;

/** Stuck work of one cause that is started again at a time. */
const MOST_WORK = 10_000;
const NOTHING: Retried = { records: 0, intents: 0, work: 0 };

/**
 * Tries again what waits for a person: one record, one write, all of one cause, or everything that nobody has left alone:
 * records that failed to map, from what has landed; the writes that a vendor refused, each a new attempt of the same
 * intent; and work that is stuck. Of writes that are unknown the other system is asked at once, and nothing is sent
 * again. Writes in conflict are tried one by one: each needs a look of its own. Throws NotFoundError, ValidationError for a
 * cause of conflicts, StaleError for a write that waits for nobody, and ForbiddenError for a conflict of a plan's write by
 * somebody who may not approve plans.
 */
export function retryErrors(
  deps: RetryDeps,
  caller: Caller,
  input: { readonly id?: string | undefined },
): Promise<Retried> {
  const { id } = input;
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    const retried = await retryOne(deps, tx, caller, id);
    await appendAudit(tx, {
      actor: caller.actor,
      action: 'errors.retried',
      subject: { type: 'error', id: id ?? 'all' },
      details: { ...retried },
    });
    return retried;
  });
}

function retryOne(
  deps: RetryDeps,
  tx: TenantTx,
  caller: Caller,
  id: string | undefined,
): Promise<Retried> {
  if (id === undefined) return retryAll(deps, tx);
  switch (errorKind(id)) {
    case 'cause':
      return retryCause(deps, tx, id);
    case 'record':
      return retryRecord(deps, tx, id);
    case 'write':
      return retryWrite(deps, tx, caller, id);
  }
}

async function retryAll(deps: RetryDeps, tx: TenantTx): Promise<Retried> {
  const records = await mapAgain(deps, tx, {});
  const refused = await retryRefused(tx);
  await sendAgain(deps, tx, refused.targets);
  const work = await retryStuck(tx);
  wake(deps, tx, work);
  return { records, intents: refused.intents, work: work.length };
}

async function retryRecord(deps: RetryDeps, tx: TenantTx, id: string): Promise<Retried> {
  await getQuarantined(tx, id);
  return { ...NOTHING, records: await mapAgain(deps, tx, { id }) };
}

async function retryWrite(
  deps: RetryDeps,
  tx: TenantTx,
  caller: Caller,
  id: string,
): Promise<Retried> {
  requireApprover(caller, await getIntent(tx, id));
  await sendAgain(deps, tx, [await retryIntent(tx, id)]);
  return { ...NOTHING, intents: 1 };
}

async function retryCause(deps: RetryDeps, tx: TenantTx, id: string): Promise<Retried> {
  const group = await errorGroup(deps, tx, id);
  switch (group.class) {
    case 'intake':
      throw new ValidationError(
        'These records could not be kept as they came. Mend them at their source: the next read tries them again.',
      );
    case 'mapping':
      return { ...NOTHING, records: await mapAgain(deps, tx, { cause: id }) };
    case 'conflict':
      throw new ValidationError(
        'Writes in conflict are tried one by one, because each writes our values over the others: look at `trueup conflicts list`, then `trueup errors retry INTENT`.',
      );
    case 'refused':
    case 'unknown': {
      const taken =
        group.class === 'refused' ? await retryRefused(tx, id) : await askAboutUnknown(tx, id);
      await sendAgain(deps, tx, taken.targets);
      return { ...NOTHING, intents: taken.intents };
    }
    case 'work': {
      const stuck = await stuckBy(tx, id, MOST_WORK);
      for (const { job, key } of stuck) wake(deps, tx, await retryStuck(tx, { job, key }));
      return { ...NOTHING, work: stuck.length };
    }
  }
}

async function mapAgain(
  deps: RetryDeps,
  tx: TenantTx,
  which: Parameters<typeof reopenForRetry>[1],
): Promise<number> {
  const pages = await reopenForRetry(tx, which);
  await request(
    deps,
    tx,
    pages.map(({ runId, stream, pageNumber }) => mapWork(runId, stream, pageNumber)),
  );
  return pages.reduce((sum, page) => sum + page.records, 0);
}

async function sendAgain(deps: RetryDeps, tx: TenantTx, targets: readonly Target[]): Promise<void> {
  await request(deps, tx, targets.map(deliverWork));
}

function wake(deps: RetryDeps, tx: TenantTx, work: readonly WorkRef[]): void {
  if (work.length > 0) tx.afterCommit(() => deps.queue.enqueue(work));
}
