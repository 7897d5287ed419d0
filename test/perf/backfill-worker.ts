import { randomBytes } from 'node:crypto';
import type { Deps } from '../../src/app/deps.ts';
import { pullStream } from '../../src/app/flows/pull-stream.ts';
import { createPacing } from '../../src/app/pacing.ts';
import type { Sessions } from '../../src/app/sessions.ts';
import { openStore, type Store } from '../../src/db/store.ts';
import { streamState } from '../../src/intake/checkpoints.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { silentLogger } from '../../src/kernel/logger.ts';
import { builtinsOf } from '../../src/mapping/builtin.ts';
import type { Queue } from '../../src/queue/port.ts';
import { loadRegistry } from '../../src/registry/load-registry.ts';
import type { ConnectorSession } from '../../src/sdk/define-connector.ts';
import type { JobContext } from '../../src/sdk/flows.ts';
import { kekFromBytes } from '../../src/security/kek.ts';
import { accountRecord, PAGE_ROWS } from './account-rows.ts';
import { STREAM, TENANT } from './bench-store.ts';

/**
 * A process of its own that reads one stream to its certificate, as a worker does, and tells its memory. The source
 * makes its records when a page is asked for, so that none of what is measured is the source's.
 * Arguments: the database's URL, the run, how many records the source has.
 */

const [url = '', runId = '', total = '0'] = process.argv.slice(2);
const TOTAL = Number(total);
const SAMPLE_MS = 100;
const LAST = `${(9e15).toString()}`;

const refuse = (): never => {
  throw new Error('The bench asks for nothing but a read.');
};

/** Pages by key; the token is the number of the next row. */
const source: ConnectorSession = {
  openWindow: async () => ({ mode: 'full', from: null, to: LAST }),
  readPage: async (_stream, _window, after, options) => {
    const from = Number(after?.['row'] ?? 0);
    const end = Math.min(TOTAL, from + (options?.limit ?? PAGE_ROWS));
    progress(from / TOTAL);
    const records = Array.from({ length: end - from }, (_, at) => accountRecord(from + at));
    return { records, unreadable: [], next: end === TOTAL ? null : { row: end } };
  },
  countWindow: async () => TOTAL,
  listKeys: async () => null,
  check: async () => refuse(),
  describe: async () => refuse(),
  readByIds: async () => refuse(),
  write: async () => refuse(),
  readBack: async () => refuse(),
  close: async () => undefined,
};

const MB = 1024 * 1024;
const resident = (): number => Math.round(process.memoryUsage.rss() / MB);
const shares: { readonly share: number; readonly mb: number }[] = [];
let high = 0;
let peak = 0;

/** The most that was resident in each quarter of the read: a single look would show where the collector just stands. */
function progress(share: number): void {
  const quarter = shares.length + 1;
  if (share * 4 < quarter) return;
  shares.push({ share: quarter * 25, mb: high });
  high = 0;
}

function sample(): void {
  const now = resident();
  high = Math.max(high, now);
  peak = Math.max(peak, now);
}

const sessions: Sessions = {
  of: async () => source,
  openDraft: async () => refuse(),
  openTrial: async () => refuse(),
  drop: async () => undefined,
  close: async () => undefined,
};

const queue: Queue = {
  enqueue: async () => undefined,
  start: async () => undefined,
  close: async () => undefined,
  ping: async () => undefined,
  depth: async () => ({ interactive: 0, bulk: 0, schedule: 0 }),
};

async function depsOn(store: Store): Promise<Deps> {
  return {
    store,
    queue,
    sessions,
    registry: await loadRegistry(),
    mappings: builtinsOf([], new Map()),
    kek: kekFromBytes(randomBytes(32)),
    clock: systemClock(),
    logger: silentLogger,
    pacing: createPacing(),
    home: import.meta.dirname,
  };
}

/** Turn after turn, as a worker takes the stream up again when its slice of time has ended. */
async function readToTheEnd(deps: Deps): Promise<void> {
  const context: JobContext = {
    tenantId: TENANT,
    signal: new AbortController().signal,
    hold: async () => undefined,
  };
  for (;;) {
    await pullStream(deps, context, { runId, stream: STREAM });
    const state = await deps.store.readTenant(TENANT, (tx) => streamState(tx, runId, STREAM));
    if (state?.status === 'succeeded') return;
    if (state?.status !== 'reading') throw new Error(`The read is ${state?.status ?? 'gone'}.`);
  }
}

const store = openStore({ url, poolSize: 4 });
const deps = await depsOn(store);
const timer = setInterval(sample, SAMPLE_MS);
const atStart = resident();
const began = performance.now();
await readToTheEnd(deps);
const seconds = (performance.now() - began) / 1000;
sample();
clearInterval(timer);
progress(1);
await store.close();
console.log(JSON.stringify({ seconds, atStart, peak, shares, certifying: high }));
