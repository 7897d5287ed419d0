import { describe, expect, test } from '@jest/globals';
import { joinAccount } from './governor.ts';

const later = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Runs `count` tasks through the given governors in turn and tells how many ran at once at most. */
async function mostAtOnce(
  governors: readonly ReturnType<typeof joinAccount>['governor'][],
  count: number,
): Promise<number> {
  let inside = 0;
  let most = 0;
  const task = async (): Promise<void> => {
    inside += 1;
    most = Math.max(most, inside);
    await later(5);
    inside -= 1;
  };
  await Promise.all(
    Array.from({ length: count }, async (_, at) => {
      await governors[at % governors.length]?.run(task);
    }),
  );
  return most;
}

describe('the governor of an account', () => {
  test('two connections of one account share its calls, and the careful one sets the limit', async () => {
    const one = joinAccount('shared', 5);
    const other = joinAccount('shared', 2);

    expect(await mostAtOnce([one.governor, other.governor], 12)).toBe(2);
    other.leave();
    expect(await mostAtOnce([one.governor], 12)).toBe(5);
    one.leave();
  });

  test('connections of different accounts do not wait for each other', async () => {
    const one = joinAccount('a', 2);
    const other = joinAccount('b', 2);

    expect(await mostAtOnce([one.governor, other.governor], 12)).toBe(4);
    one.leave();
    other.leave();
  });

  test('a refusal halves the limit once, and calls that are taken raise it again to the old one', () => {
    const { governor, leave } = joinAccount('c', 8);
    const startedAt = performance.now();

    governor.refused(startedAt);
    governor.refused(startedAt);
    const low = governor.limit();
    for (let calls = 0; calls < 100; calls += 1) governor.took();

    expect([low, governor.limit()]).toEqual([4, 8]);
    leave();
  });

  test('one call is let through however often the account refuses', () => {
    const { governor, leave } = joinAccount('d', 3);

    for (let calls = 0; calls < 10; calls += 1) governor.refused(Number.POSITIVE_INFINITY);

    expect(governor.limit()).toBe(1);
    leave();
  });

  test('a task that fails gives its place back', async () => {
    const { governor, leave } = joinAccount('e', 1);

    await expect(governor.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no');

    expect(await governor.run(async () => 'next')).toBe('next');
    leave();
  });
});
