import { randomBytes } from 'node:crypto';
import type { Store } from '../../src/db/store.ts';
import { loadBuiltins } from '../../src/mapping/builtin.ts';
import { loadRegistry } from '../../src/registry/load-registry.ts';
import { kekFromBytes } from '../../src/security/kek.ts';
import { testStore } from '../support/database.ts';
import { wrongBy } from './clocks.ts';
import type { SimulationHost } from './dependencies.ts';
import { installCryptography } from './schedule.ts';
import { installVirtualTime } from './virtual-time.ts';

/** The program's own store and plug-ins, shared by all seeds of a process, and then the virtual clock. */
export async function openHost(): Promise<SimulationHost & { close(): Promise<void> }> {
  const db = await testStore();
  await stopWaits(db.store);
  const registry = await loadRegistry();
  const mappings = await loadBuiltins(registry.mappingsDir, registry.transforms);
  installVirtualTime(wrongBy);
  installCryptography();
  const kek = kekFromBytes(randomBytes(32));
  return { store: db.store, registry, mappings, kek, close: () => db.close() };
}

/**
 * Waits and leases of work and of intents go by the database's clock, which is the machine's. Here none of them ends by itself, however
 * long a seed takes: `turns.ts` ends them, when it is time.
 */
async function stopWaits(store: Store): Promise<void> {
  await store.asOwner(async (tx) => {
    await tx.run(`create function app.stop_wait() returns trigger language plpgsql as $$ begin
      if new.not_before > app.clock() then new.not_before := new.not_before + interval '1 day'; end if;
      if new.lease_until > app.clock() then new.lease_until := new.lease_until + interval '1 day'; end if;
      return new;
    end $$`);
    for (const table of ['outbox', 'intent'])
      await tx.run(`create trigger stop_wait before insert or update on ${table}
        for each row execute function app.stop_wait()`);
  });
}
