import { expect, test } from '@jest/globals';
import { createSchedule, type Worker } from './schedule.ts';

test('a worker that does two things at a time ends both: a process may take two pushes at once', async () => {
  const schedule = createSchedule(() => 0);
  const worker: Worker = { name: 'w1', life: new AbortController(), dead: false, wrongBy: 0 };
  const ended: string[] = [];
  const act = (name: string, ms: number) =>
    schedule.run(worker, () => schedule.pause(worker, ms)).then(() => ended.push(name));

  await Promise.all([act('short', 10), act('long', 50), act('none', 0)]);

  expect(ended.toSorted()).toEqual(['long', 'none', 'short']);
  expect(schedule.steps()).toBe(3);
}, 5_000);

test('what goes in circles comes to a stand after its steps, and the schedule says who it is', async () => {
  const schedule = createSchedule(() => 0, 5);
  const worker: Worker = { name: 'w1', life: new AbortController(), dead: false, wrongBy: 0 };
  let rounds = 0;
  void schedule.run(worker, async () => {
    for (;;) {
      await schedule.pause(worker, 0);
      rounds += 1;
    }
  });

  for (let turns = 0; turns < 20; turns += 1) await new Promise((go) => setImmediate(go));

  expect([rounds, schedule.steps()]).toEqual([5, 5]);
  expect(schedule.describe()).toMatch(/alive: w1; parked: w1 until \d+/);
});
