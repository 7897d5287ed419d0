import { randomBytes } from 'node:crypto';
import type { Store } from '../../src/db/store.ts';
import { loadBuiltins } from '../../src/mapping/builtin.ts';
import { loadRegistry } from '../../src/registry/load-registry.ts';
import { kekFromBytes } from '../../src/security/kek.ts';
import { testStore, type TestStore } from '../support/database.ts';
import { wrongBy } from './clocks.ts';
import type { SimulationHost } from './dependencies.ts';
import { hastenStore } from './hasty-store.ts';
import { tameMachine } from './machine.ts';
import { installVirtualTime } from './virtual-time.ts';

/** The program's own plug-ins, shared by all seeds of a process, and a store that is replaced now and then. */
export interface Hosts {
  /** The host of the next seed: what earlier seeds leave behind must not make later ones slow. */
  next(): Promise<SimulationHost>;
  close(): Promise<void>;
}

const SEEDS_OF_ONE_STORE = 100;

/** Opens what the seeds of this process live in, and starts the virtual clock. */
export async function openHosts(): Promise<Hosts> {
  let db = await tamedStore();
  hastenStore();
  const registry = await loadRegistry();
  const mappings = await loadBuiltins(registry.mappingsDir, registry.transforms);
  installVirtualTime(wrongBy);
  tameMachine();
  const kek = kekFromBytes(randomBytes(32));
  let lived = 0;
  return {
    next: async () => {
      if (lived === SEEDS_OF_ONE_STORE) {
        await db.close();
        db = await tamedStore();
        lived = 0;
      }
      lived += 1;
      return { store: db.store, registry, mappings, kek };
    },
    close: () => db.close(),
  };
}

async function tamedStore(): Promise<TestStore> {
  const db = await testStore();
  await tameDatabase(db.store);
  return db;
}

/**
 * The database's clock shows the virtual time too; waits and leases go by it. Only the lease of a piece of work does not
 * end by itself, as nobody renews it here: `turns.ts` ends it, when its holder is dead.
 */
async function tameDatabase(store: Store): Promise<void> {
  await store.asOwner(async (tx) => {
    await tx.run(`create or replace function app.clock() returns timestamptz language sql volatile parallel safe as $$
      select coalesce(to_timestamp(nullif(current_setting('sim.now', true), '')::bigint / 1000.0),
        date_trunc('milliseconds', clock_timestamp())) $$`);
    // Found before PostgreSQL's own by the search path of a simulated transaction (`hasty-store.ts`).
    await tx.run(`create schema sim`);
    await tx.run(`create function sim.random() returns float8 language sql stable parallel safe as $$
      select current_setting('sim.chance')::float8 $$`);
    await tx.run(`grant usage on schema sim to trueup_app`);
    // A guard that compares with the begin of the transaction.
    await tx.run(`do $$ declare guard text; begin
      for guard in select pg_get_functiondef(p.oid) from pg_proc p where p.pronamespace = 'app'::regnamespace
        and p.prosrc like '%transaction_timestamp()%'
      loop execute replace(guard, 'transaction_timestamp()', 'app.clock()'); end loop;
    end $$`);
    await tx.run(`create function app.keep_lease() returns trigger language plpgsql as $$ begin
      if new.lease_until > app.clock() then new.lease_until := new.lease_until + interval '1000 days'; end if;
      return new;
    end $$`);
    await tx.run(`create trigger keep_lease before insert or update on outbox
      for each row execute function app.keep_lease()`);
  });
}
