import { afterEach, describe, expect, test } from '@jest/globals';
import { armKillPoints, killPoint, parseKillPlan, type KillPoint } from './kill-point.ts';

afterEach(() => armKillPoints(undefined));

describe('kill points', () => {
  test('nothing happens at a kill point that nobody armed', async () => {
    await expect(killPoint('pull.fetched')).resolves.toBeUndefined();
  });

  test('an armed action is told each moment in turn, and its crash stops what follows', async () => {
    const seen: KillPoint[] = [];
    armKillPoints((name) => {
      seen.push(name);
      if (name === 'pull.committed') throw new Error('crash');
    });

    await killPoint('pull.before_commit');

    await expect(killPoint('pull.committed')).rejects.toThrow('crash');
    expect(seen).toEqual(['pull.before_commit', 'pull.committed']);
  });

  test.each([
    ['pull.fetched', { name: 'pull.fetched', nth: 1, signal: 'SIGKILL' }],
    ['inbox.committed:12', { name: 'inbox.committed', nth: 12, signal: 'SIGKILL' }],
    ['push.sent:2:STOP', { name: 'push.sent', nth: 2, signal: 'SIGSTOP' }],
    ['push.sent:2:TERM', null],
    ['pull.fetched:0', null],
    ['pull.fetched:x', null],
    ['pull.fetched:1:2', null],
    ['pull.nowhere:1', null],
    ['', null],
  ])('"%s" is read as the plan %j', (text, plan) => {
    expect(parseKillPlan(text)).toEqual(plan);
  });
});
