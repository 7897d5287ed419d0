import type { TenantTx } from '../db/store.ts';
import { requestWork, type WorkItem } from '../queue/outbox.ts';
import type { Deps } from './deps.ts';

/** Asks for work in the caller's transaction and wakes the workers once it has committed. */
export async function request(
  deps: Pick<Deps, 'queue'>,
  tx: TenantTx,
  items: readonly WorkItem[],
): Promise<void> {
  const refs = await requestWork(tx, items);
  if (refs.length > 0) tx.afterCommit(() => deps.queue.enqueue(refs));
}

/** The work of mapping one landed page. */
export function mapWork(runId: string, stream: string, pageNumber: number): WorkItem {
  return {
    job: 'map',
    key: `${runId}/${stream}/${pageNumber}`,
    payload: { runId, stream, pageNumber },
  };
}

/** The work of delivering the open intents of one object of one connection. */
export function deliverWork({
  connection,
  object,
}: {
  readonly connection: string;
  readonly object: string;
}): WorkItem {
  return { job: 'deliver', key: `${connection}/${object}`, payload: { connection, object } };
}
