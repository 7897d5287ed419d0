import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as z from 'zod';
import { getRun } from '../../src/intake/runs.ts';
import { benchStore, TENANT } from './bench-store.ts';
import type { BenchRow } from './measure.ts';

const RECORDS = 1_000_000;
/** Resident memory that a worker may take. */
const LIMIT_MB = 512;
/** From the first half of the read to the second; the collector alone makes some of it. */
const MOST_GROWTH = 1.1;
const TIMEOUT_MS = 20 * 60_000;

const Told = z.object({
  seconds: z.number(),
  atStart: z.number(),
  peak: z.number(),
  certifying: z.number(),
  shares: z.array(z.object({ share: z.number(), mb: z.number() })),
});

/**
 * Reads a million records in a process of its own, from the first page to the closed certificate, and compares the most
 * memory that it ever held with what it may. PostgreSQL's own memory is not part of it.
 */
export async function bench(): Promise<BenchRow> {
  const store = await benchStore();
  try {
    const runId = await store.openRun();
    const worker = join(import.meta.dirname, 'backfill-worker.ts');
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [worker, store.url, runId, String(RECORDS)],
      { timeout: TIMEOUT_MS },
    );
    const told = Told.parse(JSON.parse(stdout));
    const run = await store.store.readTenant(TENANT, (tx) => getRun(tx, runId));
    const { certificate, pages } = run.streams[0] ?? {};
    if (certificate?.closed !== true || certificate.distinctIds !== RECORDS)
      throw new Error(`The read did not close: ${JSON.stringify(certificate)}`);
    const quarters = told.shares.map(({ mb }) => mb);
    const most = (from: number): number => Math.max(...quarters.slice(from, from + 2));
    const growth = Number((most(2) / most(0)).toFixed(3));
    return {
      name: 'backfill',
      ours: told.peak,
      floor: LIMIT_MB,
      unit: 'MB resident at most',
      better: 'less',
      goal: 1,
      holds: growth <= MOST_GROWTH,
      details: {
        records: RECORDS,
        pages: pages ?? 0,
        rate: Math.round(RECORDS / told.seconds),
        atStart: told.atStart,
        quarters,
        certifying: told.certifying,
        growth,
      },
    };
  } finally {
    await store.close();
  }
}
