import type pg from 'pg';

/** Puts what landed of some records of the CRM, by their ids. */
export async function landed(
  admin: pg.Client,
  stream: string,
  records: Readonly<Record<string, object>>,
): Promise<void> {
  for (const [id, data] of Object.entries(records)) {
    await admin.query(
      `insert into source_record (tenant_id, connection, stream, record_id, content_hash, deleted, data, run_id, landed_at)
       values ('acme', 'crm', $1, $2, 'x', false, $3, 'run_1', app.clock())`,
      [stream, id, JSON.stringify(data)],
    );
  }
}
