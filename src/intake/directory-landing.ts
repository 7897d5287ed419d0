import type { TenantTx } from '../db/store.ts';
import type { SourceRecord, UnreadableRecord } from '../sdk/record.ts';
import { landPage, type LandedPage } from './landing.ts';
import { openRun } from './runs.ts';

/** The objects that an identity provider pushes, named as the streams of a directory are. */
export type DirectoryKind = 'Users' | 'Groups';

export interface PushedPage {
  readonly connection: string;
  readonly kind: DirectoryKind;
  readonly records: readonly SourceRecord[];
  readonly unreadable: readonly UnreadableRecord[];
}

/** A pushed change that has landed, and the page on which it did. */
export interface PushLanding extends LandedPage {
  readonly runId: string;
  readonly pageNumber: number;
}

const ACTOR = 'system:scim';
/** A run of more pages than this is left for a new one, so that its sums stay cheap to make. */
const MOST_PAGES = 10_000;

/**
 * Lands what an identity provider pushed, in the transaction of its answer: what was accepted has landed, and what has
 * not landed was refused. All that is pushed within one UTC day belongs to one run, which is never under way: its
 * streams have ended before and after each page, so nobody tries to read them from a source. It has no certificate,
 * because nobody can count what a provider did not send. The caller holds the directory.
 */
export async function landPush(tx: TenantTx, page: PushedPage): Promise<PushLanding> {
  const runId = await runOfToday(tx, page.connection);
  const pageNumber = await openStream(tx, runId, page.kind);
  const target = { runId, connection: page.connection, stream: page.kind, pageNumber };
  const { records, unreadable } = page;
  const landed = await landPage(tx, target, { records, unreadable, next: null });
  await tx.run(
    `update run_stream set status = 'succeeded', finished_at = app.clock() where run_id = $1 and stream = $2`,
    [runId, page.kind],
  );
  await tx.run(`update run set status = 'succeeded', finished_at = app.clock() where run.id = $1`, [
    runId,
  ]);
  await tx.run(
    `update directory set run_id = $2, last_push_at = app.clock() where directory.connection = $1`,
    [page.connection, runId],
  );
  return { ...landed, runId, pageNumber };
}

async function runOfToday(tx: TenantTx, connection: string): Promise<string> {
  const [row] = await tx.sql<{ id: string }>(
    `select r.id from directory d join run r on r.tenant_id = d.tenant_id and r.id = d.run_id
     where d.connection = $1 and date_trunc('day', r.started_at) = date_trunc('day', app.clock())
       and (select coalesce(sum(s.pages), 0) from run_stream s where s.run_id = r.id) < $2`,
    [connection, MOST_PAGES],
  );
  if (row !== undefined) return row.id;
  return await openRun(tx, {
    connection,
    trigger: 'hook',
    requestedBy: ACTOR,
    full: false,
    streams: [],
  });
}

/** Opens the stream of the run for one page and gives that page's number. */
async function openStream(tx: TenantTx, runId: string, kind: DirectoryKind): Promise<number> {
  const [row] = await tx.sql<{ pages: number }>(
    `insert into run_stream (tenant_id, run_id, stream, status) values ($1, $2, $3, 'reading')
     on conflict (tenant_id, run_id, stream) do update set status = 'reading' returning pages`,
    [tx.tenantId, runId, kind],
  );
  return row?.pages ?? 0;
}
