import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startEmbedded } from '../../src/db/embedded/start-embedded.ts';
import { migrate } from '../../src/db/migrate.ts';
import { openStore, type Store } from '../../src/db/store.ts';
import { createTenant } from '../../src/db/tenants.ts';
import { addConnection } from '../../src/intake/connections.ts';
import { openRun } from '../../src/intake/runs.ts';

export const TENANT = 'bench';
export const CONNECTION = 'crm';
export const STREAM = 'Account';

/** A PostgreSQL of its own with the settings that a home gets, durable ones included, and a tenant in it. */
export interface BenchStore {
  readonly store: Store;
  /** Where it is, for a process of its own. */
  readonly url: string;
  /** The floor's own connection, as the owner: no row-level security, no pool, no tenant. */
  readonly bare: pg.Client;
  /** A new run that is about to read the stream. */
  openRun(): Promise<string>;
  /** Empties what was landed by us and by the floor. */
  empty(): Promise<void>;
  /** Writes out what earlier runs left in memory, so that the next one does not pay for it. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

/** Starts the store in a temporary folder, for reads of one stream. `close` ends the server and removes the folder. */
export async function benchStore(stream = STREAM): Promise<BenchStore> {
  const home = await mkdtemp(join(tmpdir(), 'trueup-bench-'));
  const server = await startEmbedded({ home });
  await migrate({ url: server.url });
  const store = openStore({ url: server.url, poolSize: 4 });
  await createTenant(store, { id: TENANT, name: 'Bench' });
  await store.withTenant(TENANT, (tx) =>
    addConnection(tx, {
      id: CONNECTION,
      connector: 'salesforce',
      role: 'crm',
      config: {},
      allowPrivateNetwork: true,
    }),
  );
  const bare = await connected(server.url);
  const admin = await connected(server.adminUrl);
  return {
    store,
    url: server.url,
    bare,
    openRun: () =>
      store.withTenant(TENANT, (tx) =>
        openRun(tx, {
          connection: CONNECTION,
          trigger: 'person',
          requestedBy: 'bench',
          full: false,
          streams: [stream],
        }),
      ),
    empty: async () => {
      await bare.query('truncate source_record, source_record_version, run_page');
      await bare.query('drop table if exists floor_record');
    },
    settle: async () => {
      await admin.query('checkpoint');
    },
    close: async () => {
      await Promise.all([store.close(), bare.end(), admin.end()]);
      await server.stop();
      await rm(home, { recursive: true, force: true });
    },
  };
}

async function connected(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return client;
}
