import type pg from 'pg';

let runs = 0;

/** Puts a read that ended, with what became of its stream, behind all that were put before; returns its id. */
export async function endedRun(
  admin: pg.Client,
  read: {
    readonly connection: string;
    readonly stream: string;
    readonly status: 'succeeded' | 'failed';
  },
): Promise<string> {
  const { connection, stream, status } = read;
  runs += 1;
  const id = `run_${String(runs).padStart(4, '0')}`;
  await admin.query(
    `insert into run (tenant_id, id, connection, trigger, requested_by, full_read, status, started_at, finished_at)
     values ('acme', $1, $2, 'schedule', 'x', false, $3, app.clock() + make_interval(secs => $4::int), app.clock())`,
    [id, connection, status, runs],
  );
  await admin.query(
    `insert into run_stream (tenant_id, run_id, stream, status, error) values ('acme', $1, $2, $3, $4)`,
    [id, stream, status, status === 'failed' ? { code: 'x', message: 'it said no' } : null],
  );
  return id;
}
