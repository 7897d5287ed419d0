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

/** The work of reading one stream of a run. */
export function pullWork(runId: string, stream: string): WorkItem {
  return { job: 'pull', key: `${runId}/${stream}`, payload: { runId, stream } };
}

/** Under which key a connection's periodic proof stands beside its reads, in schedules and in the outbox. */
export function proofKey(connection: string): string {
  return `${connection}/proof`;
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

/** The work of sending what is due to a company's webhooks. */
export function webhookWork(): WorkItem {
  return { job: 'send-webhooks', key: '', payload: {} };
}
