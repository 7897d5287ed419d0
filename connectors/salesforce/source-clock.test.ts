import { expect, test } from '@jest/globals';
import { createSourceClock } from './source-clock.ts';

/** A source whose clock runs `ahead` of ours and shows whole seconds; waiting moves our time. */
function world(ahead: number) {
  let ours = 0;
  let offset = ahead;
  const waits: number[] = [];
  const clock = createSourceClock({
    monotonic: () => ours,
    wait: async (ms: number) => {
      waits.push(ms);
      ours += ms;
    },
  });
  const truth = () => ours + offset;
  return {
    waits,
    clock,
    truth,
    /** An answer that was under way for `ms`, made at its half. */
    answer: (ms = 10) => {
      const sent = ours;
      ours += ms / 2;
      const shown = Math.floor(truth() / 1000) * 1000;
      ours += ms / 2;
      clock.hear({ shown, sent, received: ours });
    },
    pass: (ms: number) => {
      ours += ms;
    },
    setBack: (ms: number) => {
      offset -= ms;
    },
    drift: (ms: number) => {
      offset -= ms;
    },
  };
}

test('before the first answer nothing is known', () => {
  expect(world(5400).clock.second()).toBeNull();
});

test('the second that it says is never ahead of the source, and soon the right one', () => {
  const { clock, answer, truth, pass } = world(5400);
  for (let round = 0; round < 40; round += 1) {
    pass(130);
    answer();
    expect(clock.second()).toBeLessThanOrEqual(truth());
  }

  expect(truth() - (clock.second() ?? 0)).toBeLessThan(1150);
});

test('an instant has passed at the source when the wait for it ends', async () => {
  const { clock, answer, truth, waits } = world(5400);
  answer();
  await clock.passed(6000);
  await clock.passed(5000);

  expect(truth()).toBeGreaterThanOrEqual(6000);
  expect(waits).toHaveLength(1);
});

test('several answers narrow the wait down', async () => {
  const { clock, answer, pass, waits, truth } = world(5400);
  for (let round = 0; round < 8; round += 1) {
    pass(130);
    answer();
    await clock.passed((clock.second() ?? 0) + 1000);
  }

  expect(Math.min(...waits)).toBeLessThan(900);
  expect(truth()).toBeGreaterThan(0);
});

test('F-40: a source whose clock is set back is believed', async () => {
  const { clock, answer, setBack, truth } = world(100_000);
  answer();
  setBack(60_000);
  answer();

  expect(clock.second()).toBeLessThan(50_000);
  expect(clock.second()).toBeLessThanOrEqual(truth());
});

test('a clock of ours that runs fast does not run ahead of the source while we hear nothing', () => {
  const { clock, answer, pass, drift, truth } = world(100_000);
  answer();
  for (let second = 0; second < 3600; second += 1) {
    pass(1000);
    drift(0.5);
  }

  expect(clock.second()).toBeLessThanOrEqual(truth());
});
