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
