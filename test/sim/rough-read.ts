import type { JsonObject } from '../../src/kernel/hash.ts';
import type { Seeded } from './seeded.ts';
import type { Simulation } from './simulation.ts';
import type { SimulatedVendor } from './vendor.ts';
import { virtualTime } from './virtual-time.ts';

/** A vendor that refuses now and then can go on doing so for ever. */
const STORM_TURNS = 100;

/** A read, or two at once, through whatever the seed has in store. */
export async function roughRead(simulation: Simulation): Promise<void> {
  const { seeded, vendor } = simulation;
  await simulation.setFaults([...vendor.stateFaults(seeded), ...wireFaults(seeded, vendor)]);
  simulation.setWeather({
    change: seeded.chance(0.7) ? seeded.next() * 0.6 : 0,
    crash: seeded.chance(0.7) ? seeded.next() * 0.08 : 0,
    zombie: seeded.chance(0.3) ? 0.05 : 0,
    jump: seeded.chance(0.4) ? seeded.next() * 0.15 : 0,
    push: seeded.chance(0.6) ? seeded.next() * 0.4 : 0,
  });
  await simulation.pull(seeded.chance(0.2));
  if (seeded.chance(0.2)) await simulation.pull(false);
  await simulation.turns.drain(seeded.whole(1, 2), STORM_TURNS);
  virtualTime.advanceTo(virtualTime.now() + seeded.whole(0, 3_600_000));
}

/** Faults of the wire, few enough for a read to come through them now and then. */
function wireFaults(seeded: Seeded, { path, spares }: SimulatedVendor): readonly JsonObject[] {
  const match = { path };
  const all: readonly (JsonObject & { readonly action: string })[] = [
    { action: 'status', status: 503 },
    { action: 'status', status: 429, headers: { 'retry-after': '3' } },
    { action: 'status', status: 429, headers: { 'retry-after': 'soon' } },
    { action: 'reset_before' },
    { action: 'apply_then_reset' },
    { action: 'apply_then_hang' },
    { action: 'truncate_body' },
    { action: 'malformed_json' },
    { action: 'html_page' },
    { action: 'wrong_type' },
    { action: 'redirect' },
    { action: 'huge_body' },
    { action: 'delay', delayMs: seeded.whole(100, 90_000) },
    { action: 'expire_token' },
  ];
  return seeded
    .shuffled(all.filter(({ action }) => !spares.includes(action)))
    .slice(0, seeded.whole(0, 4))
    .map((fault) => ({ ...fault, match, rate: seeded.next() * 0.15 }));
}
