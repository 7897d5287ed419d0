import fc from 'fast-check';
import { externalIdOf } from '../../src/kernel/ids.ts';
import { agree } from './ledger-agree.ts';
import {
  ask, call, CONNECTION, handOf, lease, newHand, OUTCOMES, propose, record, release, send, settleAsked, takeAway,
  tryAgain, WORKERS, type LedgerModel, type LedgerReal, type Outcome,
} from './ledger-steps.ts'; // prettier-ignore

type Command = fc.AsyncCommand<LedgerModel, LedgerReal>;

const command = (
  name: string,
  run: (model: LedgerModel, real: LedgerReal) => void | Promise<void>,
): Command => ({
  check: () => true,
  run: async (model, real) => {
    await run(model, real);
    await agree(model, real);
  },
  toString: () => name,
});

const worker = fc.integer({ min: 0, max: WORKERS - 1 });
const outcomes = fc.array(fc.constantFrom(...OUTCOMES), { minLength: 1, maxLength: 3 });
const steps = fc.constantFrom(500, 1_000, 2_000, 15_000, 31_000, 61_000, 91_000, 400_000);

/** A worker takes one step, or all of them up to one, as one that is not disturbed does. */
function turn(at: number, stage: number, batch: number, how: readonly Outcome[]): Command {
  return command(`worker ${at} goes on to stage ${stage}, ${batch} at a time: ${how.join(' ')}`, async (model, real) => {
    const hand = handOf(real, at);
    if (stage > 0 && hand.leased.length + hand.sent.length + hand.answers.length === 0) await lease(model, real, at, batch);
    if (stage > 1 && hand.leased.length > 0) await send(model, real, at);
    if (stage > 2 && hand.sent.length > 0) call(real, at, how, model);
    if (stage > 3 && hand.answers.length > 0) await record(model, real, at);
  });
} // prettier-ignore

const proposal = fc
  .tuple(fc.constantFrom('a', 'b'), fc.integer({ min: 1, max: 9 }))
  .map(([name, value]) => command(`propose ${name} = ${value}`, (model, real) => propose(model, real, name, String(value)))); // prettier-ignore
const upTo = (stage: number) =>
  fc
    .tuple(worker, fc.integer({ min: 1, max: 3 }), outcomes)
    .map(([at, batch, how]) => turn(at, stage, batch, how));
const asked = worker.map((at) => command(`worker ${at} asks`, (_, real) => ask(real, at)));
const pass = async ({ vendor, clock }: LedgerReal, ms: number): Promise<void> => {
  vendor.arriveBefore(clock.now() + ms);
  await clock.advance(ms);
};
/** The vendor takes its time to answer. */
const slowAnswer = fc.tuple(worker, steps).map(([at, ms]) =>
  command(`worker ${at} asks and settles ${ms} ms later`, async (model, real) => {
    await ask(real, at);
    await pass(real, ms);
    await settleAsked(model, real, at);
  }),
);
const edited = fc.tuple(worker, fc.constantFrom('a', 'b')).map(([at, name]) =>
  command(`a person edits ${name} at the vendor, and worker ${at} asks and settles`, async (model, real) => {
    real.vendor.edit(externalIdOf({ tenantId: real.db.tenantId, connection: CONNECTION, object: real.object, canonicalId: name }));
    await real.clock.advance(1_000);
    await ask(real, at);
    await settleAsked(model, real, at);
  }),
); // prettier-ignore
const silence = worker.map((at) => turn(at, 4, 3, ['lost', 'late']));
const settled = worker.map((at) => command(`worker ${at} settles what it asked for`, (model, real) => settleAsked(model, real, at))); // prettier-ignore
const passed = steps.map((ms) => command(`${ms} ms pass`, (_, real) => pass(real, ms))); // prettier-ignore

/** What is there more than once comes more often. */
export const COMMANDS: readonly fc.Arbitrary<Command>[] = [
  proposal, proposal, proposal,
  upTo(4), upTo(4), upTo(3), upTo(2), upTo(1), silence, silence,
  slowAnswer, slowAnswer, edited, edited,
  asked, settled,
  worker.map((at) => command(`worker ${at} asks and settles`, async (model, real) => { await ask(real, at); await settleAsked(model, real, at); })),
  passed, passed, passed,
  fc.constant(command('a successor takes over', (model, real) => takeAway(model, real, true))),
  fc.constant(command('the reaper looks', (model, real) => takeAway(model, real, false))),
  fc.constant(command('a late call arrives', (_, real) => real.vendor.arrive())),
  worker.map((at) => command(`worker ${at} hands back`, (model, real) => release(model, real, at))),
  worker.map((at) => command(`worker ${at} dies`, (_, real) => { Object.assign(handOf(real, at), newHand()); })),
  fc.constant(command('a person tries again', tryAgain)),
]; // prettier-ignore
