import type { TenantTx } from '../db/store.ts';

/** What is known of a stream: its last ended read, what of it is not mapped, and its newest certificate. */
export interface StreamStanding {
  readonly connection: string;
  readonly stream: string;
  /** Null where it was never read to an end. */
  readonly status: 'succeeded' | 'failed' | 'parked' | null;
  readonly finishedAt: Date | null;
  /** Pages of the connection's stream that landed and are not mapped. */
  readonly unmapped: number;
  /** Whether the newest certificate is closed: null where nothing can be counted, undefined where there is none. */
  readonly closed: boolean | null | undefined;
}

/** How streams stand now, in the order in which they are named. */
export async function streamStandings(
  tx: TenantTx,
  streams: readonly { readonly connection: string; readonly stream: string }[],
): Promise<readonly StreamStanding[]> {
  const rows = await tx.sql<StreamStanding & { readonly certified: boolean }>(
    `select w.connection, w.stream, last.status, last.finished_at as "finishedAt", page.unmapped::int as unmapped,
       cert.closed, cert.id is not null as certified
     from jsonb_to_recordset($1::jsonb) as w (connection text, stream text, at integer)
     left join lateral (select s.status, s.finished_at from run r
       join run_stream s on s.tenant_id = r.tenant_id and s.run_id = r.id
       where r.connection = w.connection and s.stream = w.stream and s.status in ('parked', 'succeeded', 'failed')
       order by s.finished_at desc nulls first limit 1) last on true
     left join lateral (select count(*) as unmapped from run_page p
       join run r on r.tenant_id = p.tenant_id and r.id = p.run_id
       where p.mapped_at is null and r.connection = w.connection and p.stream = w.stream) page on true
     left join lateral (select c.id, c.closed from certificate c
       where c.connection = w.connection and c.stream = w.stream order by c.id desc limit 1) cert on true
     order by w.at`,
    [JSON.stringify(streams.map(({ connection, stream }, at) => ({ connection, stream, at })))],
  );
  return rows.map(({ certified, closed, ...row }) => ({
    ...row,
    closed: certified ? closed : undefined,
  }));
}
