import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { testStore, type TestStore } from '../../test/support/database.ts';
import { freezeClock, type FrozenClock } from '../../test/support/frozen-clock.ts';
import { COMMANDS } from '../../test/support/ledger-commands.ts';
import { agree } from '../../test/support/ledger-agree.ts';
import { ask, call, lease, newHand, record, send, settleAsked, takeAway, WORKERS, type LedgerModel, type LedgerReal } from '../../test/support/ledger-steps.ts'; // prettier-ignore
import { ledgerVendor } from '../../test/support/ledger-vendor.ts';

// The pure machine against the ledger in PostgreSQL: workers that die, sleep and answer late, a vendor with a memory, the
// database's clock. A failure prints its seed and path; TRUEUP_MODEL_RUNS asks for more than the few runs of a test.

const RUNS = Number(process.env['TRUEUP_MODEL_RUNS'] ?? 12);
const LENGTH = 100;
/** More turns than all waits of an intent together could take. */
const TURNS = 60;

let db: TestStore;
let clock: FrozenClock;
let runs = 0;
beforeAll(async () => {
  db = await testStore();
  clock = await freezeClock(db);
});
afterAll(() => db.close());

function world(): { readonly model: LedgerModel; readonly real: LedgerReal } {
  runs += 1;
  const hands = Array.from({ length: WORKERS }, newHand);
  return {
    model: { intents: new Map() },
    real: { db, clock, vendor: ledgerVendor(), object: `model-${runs}`, hands },
  };
}

const OPEN = ['PLANNED', 'LEASED', 'SENT', 'UNKNOWN', 'APPLIED'];
const isOpen = ({ intents }: LedgerModel): boolean =>
  [...intents.values()].some(({ stand }) => OPEN.includes(stand.phase));

/** Faults are over: one worker goes on until nothing is open. */
async function drain(model: LedgerModel, real: LedgerReal): Promise<void> {
  for (let turn = 0; turn < TURNS && isOpen(model); turn += 1) {
    const ms = 3_600_000;
    real.vendor.arriveBefore(clock.now() + ms);
    await clock.advance(ms);
    await takeAway(model, real, false);
    await ask(real, 0);
    await settleAsked(model, real, 0);
    await lease(model, real, 0, 10);
    await send(model, real, 0);
    call(real, 0, ['answered'], model);
    await record(model, real, 0);
    await agree(model, real);
  }
}

test('F-4, F-13, F-58, F-59: whatever workers, vendors and the clock do, an intent takes effect once at most, revisions in order, and all that is open ends', async () => {
  await fc.assert(
    fc.asyncProperty(fc.commands([...COMMANDS], { maxCommands: LENGTH, size: 'max' }), async (commands) => {
      // A person's edit comes after what was written: the newest effect need not be what is held then.
      const isEdited = [...commands].some((each) => String(each).includes('edits'));
      const { model, real } = world();
      await fc.asyncModelRun(() => ({ model, real }), commands);
      await drain(model, real);

      expect(isOpen(model)).toBe(false);
      const newest = new Map([...model.intents.values()].toSorted((one, other) => one.revision - other.revision).map((each) => [each.externalId, each]));
      const shown = [...newest.values()].filter(({ stand }) => stand.phase === 'SHOWN' && !isEdited);
      expect(shown.map(({ externalId }) => real.vendor.holds(externalId)?.value)).toEqual(shown.map(({ value }) => value));
    }),
    { numRuns: RUNS },
  );
}, 600_000); // prettier-ignore
