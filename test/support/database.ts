import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import pg from 'pg';
import { startEmbedded, type Embedded } from '../../src/db/embedded/start-embedded.ts';
import { withStartLock } from '../../src/db/embedded/start-lock.ts';
import { migrate } from '../../src/db/migrate.ts';
import { readMigrations } from '../../src/db/migration-files.ts';
import { openStore, type Store } from '../../src/db/store.ts';
import { createTenant } from '../../src/db/tenants.ts';

const TENANT = 'acme';
const OTHER_TENANT = 'globex';
const POOL_SIZE = 5;

/** A database of its own for one test file, fully migrated, with two tenants. */
export interface TestStore {
  readonly store: Store;
  /** The owner's URL, as DATABASE_URL would hold it. */
  readonly url: string;
  /** The superuser's URL of the same database, for tests of what only a superuser can arrange. */
  readonly adminUrl: string;
  readonly tenantId: string;
  readonly otherTenantId: string;
  /** Changes rows as no path of the program may: triggers do not see it. For states that a test has to begin with. */
  force(sql: string, params?: readonly unknown[]): Promise<number>;
  /** Reads across tenants, as nothing of the program can. */
  look<T extends object>(sql: string, params?: readonly unknown[]): Promise<readonly T[]>;
  /** Closes the pool and drops the database. Call it in `afterAll`. */
  close(): Promise<void>;
}

/** Clones the migrated template database: about a tenth of a second once the run's cluster, or another one, is up. */
export async function testStore(other?: Embedded): Promise<TestStore> {
  const cluster = other ?? (await testCluster());
  const template = await ensureTemplate(cluster);
  const database = await createTestDatabase(cluster, template);
  const url = withDatabase(cluster.url, database);
  const store = openStore({ url, poolSize: POOL_SIZE });
  return {
    store,
    url,
    adminUrl: withDatabase(cluster.adminUrl, database),
    tenantId: TENANT,
    otherTenantId: OTHER_TENANT,
    force: async (sql, params = []) =>
      (await asSuperuser(withDatabase(cluster.adminUrl, database), sql, params)).rowCount ?? 0,
    look: async <T extends object>(sql: string, params: readonly unknown[] = []) =>
      (await asSuperuser<T>(withDatabase(cluster.adminUrl, database), sql, params)).rows,
    close: async () => {
      await store.close();
      await asAdmin(cluster, (client) => client.query(`drop database ${database} with (force)`));
    },
  };
}

async function asSuperuser<T extends object>(
  url: string,
  sql: string,
  params: readonly unknown[],
): Promise<pg.QueryResult<T & pg.QueryResultRow>> {
  const client = new pg.Client({ connectionString: url });
  try {
    await client.connect();
    await client.query('set session_replication_role = replica');
    return await client.query<T & pg.QueryResultRow>(sql, [...params]);
  } finally {
    await client.end();
  }
}

/** An empty database without migrations. The caller drops nothing: the cluster goes with the run. */
export async function emptyDatabase(): Promise<string> {
  const cluster = await testCluster();
  return withDatabase(cluster.url, await createTestDatabase(cluster, 'template1'));
}

/** The one PostgreSQL of this jest run; the first caller starts it. */
async function testCluster(): Promise<Embedded> {
  return await startEmbedded({ home: testHome(), durable: false });
}

function testHome(): string {
  const home = process.env['TRUEUP_TEST_HOME'];
  if (home === undefined)
    throw new Error('TRUEUP_TEST_HOME is not set: run the tests with npm test.');
  return home;
}

/** The template's name holds the hash of all migrations, so an edited one makes a new template. */
async function ensureTemplate(cluster: Embedded): Promise<string> {
  const files = await readMigrations();
  const hash = createHash('sha256')
    .update(files.map((file) => file.checksum).join())
    .digest('hex');
  const name = `template_${hash.slice(0, 16)}`;
  await withStartLock(join(testHome(), 'template.lock'), async () => {
    const sql = 'select from pg_catalog.pg_database where datname = $1';
    const found = await asAdmin(cluster, (client) => client.query(sql, [name]));
    if (found.rowCount === 1) return;
    const draft = await createTestDatabase(cluster, 'template1');
    await fillTemplate(withDatabase(cluster.url, draft));
    await asAdmin(cluster, (client) => client.query(`alter database ${draft} rename to ${name}`));
  });
  return name;
}

async function fillTemplate(url: string): Promise<void> {
  await migrate({ url });
  const store = openStore({ url, poolSize: 1 });
  await createTenant(store, { id: TENANT, name: 'Acme' });
  await createTenant(store, { id: OTHER_TENANT, name: 'Globex' });
  await store.close();
}

async function createTestDatabase(cluster: Embedded, template: string): Promise<string> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  const sql = `create database ${name} template ${template} owner trueup`;
  await asAdmin(cluster, (client) => client.query(sql));
  return name;
}

async function asAdmin<T>(cluster: Embedded, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: cluster.adminUrl });
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end();
  }
}

function withDatabase(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.href;
}
