import type { Effect } from '../../src/delivery/effect.ts';
import type { JsonObject } from '../../src/kernel/hash.ts';
import type { Seeded } from './seeded.ts';
import type { Simulation } from './simulation.ts';
import { verifyWrites, type Wanted } from './verify-writes.ts';
import { virtualTime } from './virtual-time.ts';
import type { WritingVendor, WrittenObject } from './writing-vendor.ts';

/** A vendor that refuses now and then can go on doing so for ever. */
const STORM_TURNS = 40;
/** Records of one object: few, so that revisions meet. */
const RECORDS = 3;
/** How often the business asks twice before anything was sent: what is made then is a later revision from the start. */
const SECOND_THOUGHT = 0.4;
/** A call with many. */
const COLLECTION = 6;

/**
 * Effects are asked for and delivered through a storm, changed while they are on their way, and delivered in calm at last.
 * Then every record is at the vendor once, as its last revision says.
 */
export async function writeStory(
  simulation: Simulation,
  vendor: WritingVendor,
): Promise<readonly string[]> {
  const { seeded, turns } = simulation;
  const wanted = new Map<string, Wanted>();
  await simulation.openForWriting();
  let mark = 0;
  for (let rounds = seeded.whole(2, 4); rounds > 0; rounds -= 1) {
    await simulation.setFaults([...some(seeded, vendor.refusals), ...wireFaults(seeded, vendor)]);
    simulation.setWeather({
      change: 0,
      crash: seeded.chance(0.8) ? seeded.next() * 0.15 : 0,
      zombie: seeded.chance(0.4) ? 0.1 : 0,
      jump: seeded.chance(0.3) ? seeded.next() * 0.2 : 0,
      push: 0,
    });
    const words = Array.from({ length: seeded.chance(SECOND_THOUGHT) ? 2 : 1 });
    for (const { written, effects } of words.flatMap(() =>
      asked(seeded, vendor, () => (mark += 1)),
    )) {
      for (const effect of effects) wanted.set(`${effect.object} ${effect.canonicalId}`, { effect, written }); // prettier-ignore
      await simulation.deliver(effects);
    }
    await turns.drain(seeded.whole(1, 2), seeded.whole(3, STORM_TURNS));
    virtualTime.advanceTo(virtualTime.now() + seeded.whole(0, 600_000));
  }
  simulation.calm();
  await simulation.setFaults([]);
  virtualTime.advanceTo(virtualTime.now() + 120_000);
  // Two tokens in a row that were no good look like a login that was taken away: a person looks at it.
  await simulation.signIn();
  await turns.drain(2);
  return await verifyWrites(simulation, [...wanted.values()]);
}

interface Asked {
  readonly written: WrittenObject;
  readonly effects: readonly Effect[];
}

/** What the business asks for in one round: one record of each object or many, new ones and changes of earlier ones. */
function asked(
  seeded: Seeded,
  { writes }: WritingVendor,
  nextMark: () => number,
): readonly Asked[] {
  return writes
    .filter(() => seeded.chance(0.8))
    .map((written) => {
      const numbers = seeded.chance(0.3)
        ? Array.from({ length: COLLECTION }, (_, n) => n)
        : [seeded.whole(0, RECORDS - 1)];
      const effects = numbers.map((n) => written.effect(seeded, n, nextMark()));
      return { written, effects: [...new Map(effects.map((each) => [each.canonicalId, each])).values()] };
    });
} // prettier-ignore

const some = (seeded: Seeded, rules: readonly JsonObject[]): readonly JsonObject[] =>
  rules.filter(() => seeded.chance(0.4));

/** Faults of the wire around writes and what is read for them. */
function wireFaults(seeded: Seeded, { path, spares }: WritingVendor): readonly JsonObject[] {
  const all: readonly (JsonObject & { readonly action: string })[] = [
    { action: 'status', status: 503 },
    { action: 'status', status: 500 },
    { action: 'status', status: 429, headers: { 'retry-after': '3' } },
    { action: 'reset_before' },
    { action: 'apply_then_reset' },
    { action: 'apply_then_reset' },
    { action: 'apply_then_hang' },
    { action: 'truncate_body' },
    { action: 'malformed_json' },
    { action: 'html_page' },
    { action: 'delay', delayMs: seeded.whole(100, 200_000) },
    { action: 'expire_token' },
  ];
  return seeded
    .shuffled(all.filter(({ action }) => !spares.includes(action)))
    .slice(0, seeded.whole(0, 4))
    .map((fault) => ({ ...fault, match: { path }, rate: seeded.next() * 0.25 }));
}
