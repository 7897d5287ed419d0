import { expect, test } from '@jest/globals';
import { createSourceClock } from './source-clock.ts';

/** A source whose clock runs `ahead` of ours and shows whole seconds; waiting moves our time. */
function world(ahead: number) {
  let ours = 0;
  let offset = ahead;
  const waits: number[] = [];
  const local = {
    monotonic: () => ours,
    wait: async (ms: number) => {
      waits.push(ms);
      ours += ms;
    },
  };
  return {
    waits,
    clock: createSourceClock(local),
    sample: async () => Math.floor((ours + offset) / 1000) * 1000,
    truth: () => ours + offset,
    pass: (ms: number) => {
      ours += ms;
    },
    setBack: (ms: number) => {
      offset -= ms;
    },
  };
}

test('the cut is the next full second, and it is over when it is given', async () => {
  const { clock, sample, truth } = world(5400);
  const cut = await clock.cut(sample);

  expect(cut).toBe(6000);
  expect(truth()).toBeGreaterThanOrEqual(cut);
});

test('several answers narrow the wait down', async () => {
  const { clock, sample, pass, waits, truth } = world(5400);
  for (let round = 0; round < 8; round += 1) {
    pass(130);
    expect(await clock.cut(sample)).toBeLessThanOrEqual(truth());
  }

  expect(waits[0]).toBe(1000);
  expect(Math.min(...waits)).toBeLessThan(900);
});

test('F-40: a source whose clock is set back is believed', async () => {
  const { clock, sample, setBack, truth } = world(100_000);
  await clock.cut(sample);
  setBack(60_000);
  const cut = await clock.cut(sample);

  expect(cut).toBeLessThan(50_000);
  expect(truth()).toBeGreaterThanOrEqual(cut);
});
