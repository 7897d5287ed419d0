import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { SourceRecord } from '../../src/sdk/record.ts';
import { CONNECTION, STREAM, TENANT } from './bench-store.ts';

const COLUMNS =
  'tenant_id, connection, stream, record_id, content_hash, stamp, deleted, data, run_id, landed_at';

/**
 * A plain table with the columns and the key of our landed records. A bare pipeline has no hash of a content, so the
 * column holds what it would tell a change by: the vendor's stamp.
 */
export async function createFloorTable(client: pg.Client): Promise<void> {
  await client.query(`create table if not exists floor_record (
    tenant_id text not null, connection text not null, stream text not null, record_id text not null,
    content_hash text, stamp text, deleted boolean not null, data jsonb not null, run_id text not null, landed_at timestamptz not null,
    primary key (tenant_id, connection, stream, record_id))`);
}

/**
 * The floor of landing: rows go by COPY into a temporary table and by one guarded MERGE into the plain table, in one
 * transaction. It keeps no checkpoint, no outcome of a record, no earlier version, no tenant.
 */
export async function floorLand(
  client: pg.Client,
  pages: Iterable<readonly SourceRecord[]> | AsyncIterable<readonly SourceRecord[]>,
): Promise<void> {
  await client.query('begin');
  await client.query(
    `create temporary table staged (record_id text, content_hash text, stamp text, deleted boolean, data jsonb) on commit drop`,
  );
  const sink = client.query(copyFrom('copy staged from stdin'));
  await pipeline(Readable.from(copyLines(pages), { highWaterMark: 2 }), sink);
  await client.query(
    `merge into floor_record r using staged s
     on r.tenant_id = $1 and r.connection = $2 and r.stream = $3 and r.record_id = s.record_id
     when matched and r.content_hash is distinct from s.content_hash then
       update set content_hash = s.content_hash, stamp = s.stamp, deleted = s.deleted, data = s.data, landed_at = now()
     when not matched then insert (${COLUMNS})
       values ($1, $2, $3, s.record_id, s.content_hash, s.stamp, s.deleted, s.data, $4, now())`,
    [TENANT, CONNECTION, STREAM, 'floor'],
  );
  await client.query('commit');
}

async function* copyLines(
  pages: Iterable<readonly SourceRecord[]> | AsyncIterable<readonly SourceRecord[]>,
): AsyncGenerator<Buffer> {
  let chunk = '';
  for await (const page of pages) {
    for (const { id, stamp, deleted, data } of page) {
      chunk += `${id}\t${stamp ?? '\\N'}\t${stamp ?? '\\N'}\t${deleted ? 't' : 'f'}\t${escaped(JSON.stringify(data))}\n`;
      if (chunk.length < 65_536) continue;
      yield Buffer.from(chunk);
      chunk = '';
    }
  }
  if (chunk !== '') yield Buffer.from(chunk);
}

/** JSON text holds no tab and no line break of its own; only its backslashes would be read as COPY's. */
function escaped(json: string): string {
  return json.includes('\\') ? json.replaceAll('\\', '\\\\') : json;
}
