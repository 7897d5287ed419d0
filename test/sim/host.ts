import { randomBytes } from 'node:crypto';
import { loadBuiltins } from '../../src/mapping/builtin.ts';
import { loadRegistry } from '../../src/registry/load-registry.ts';
import { kekFromBytes } from '../../src/security/kek.ts';
import { testStore } from '../support/database.ts';
import type { SimulationHost } from './simulation.ts';
import { installVirtualTime } from './virtual-time.ts';

/** The program's own store and plug-ins, shared by all seeds of a process, and then the virtual clock. */
export async function openHost(): Promise<SimulationHost & { close(): Promise<void> }> {
  const db = await testStore();
  const registry = await loadRegistry();
  const mappings = await loadBuiltins(registry.mappingsDir, registry.transforms);
  installVirtualTime();
  const kek = kekFromBytes(randomBytes(32));
  return { store: db.store, registry, mappings, kek, close: () => db.close() };
}
