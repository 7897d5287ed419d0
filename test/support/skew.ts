// Loaded before a program (`node --import`): its clock is wrong by TRUEUP_TEST_SKEW_MS, and after TRUEUP_TEST_JUMP_AFTER_MS by
// TRUEUP_TEST_JUMP_MS more.

const number = (name: string): number => Number(process.env[name] ?? 0);
const [skew, jump, jumpAfter] = [
  'TRUEUP_TEST_SKEW_MS',
  'TRUEUP_TEST_JUMP_MS',
  'TRUEUP_TEST_JUMP_AFTER_MS',
].map(number);
const RealDate = Date;
const startedAt = performance.now();

function wrongNow(): number {
  const jumped = performance.now() - startedAt > (jumpAfter ?? 0) ? (jump ?? 0) : 0;
  return RealDate.now() + (skew ?? 0) + jumped;
}

class WrongDate extends RealDate {
  constructor(...given: readonly unknown[]) {
    if (given.length === 0) super(wrongNow());
    else super(...(given as [number]));
  }
  static override now(): number {
    return wrongNow();
  }
}
globalThis.Date = WrongDate as DateConstructor;
