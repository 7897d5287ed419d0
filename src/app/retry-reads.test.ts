import { describe, expect, test } from '@jest/globals';
import { AuthExpired, RateLimited, RemoteUnavailable } from '../kernel/errors.ts';
import { createPacing, type Lane } from './pacing.ts';
import { retryReads } from './retry-reads.ts';

const NEVER = new AbortController().signal;

/** A process on a clock of its own: waits pass at once and are noted. */
function virtual(random = 0.5) {
  let now = 0;
  const waits: number[] = [];
  const pacing = createPacing({
    now: () => now,
    random: () => random,
    wait: async (ms) => {
      waits.push(ms);
      now += ms;
    },
  });
  return { pacing, waits, now: () => now, pass: (ms: number) => void (now += ms) };
}

/** Fails so many times, then answers. */
function failing(times: number, error: () => Error) {
  let asked = 0;
  return {
    asked: () => asked,
    read: async () => {
      asked += 1;
      if (asked <= times) throw error();
      return 'answer';
    },
  };
}
const out = (): Error => new RemoteUnavailable('no answer');
const ask = (lane: Lane, read: () => Promise<string>) => retryReads(read, lane, NEVER);

describe('a read that fails in passing', () => {
  test('is tried again three times at most, after random parts of growing waits', async () => {
    const { pacing, waits } = virtual(0.5);
    const source = failing(9, out);

    await expect(ask(pacing.lane('acme', 'crm'), source.read)).rejects.toThrow('no answer');

    expect([source.asked(), waits]).toEqual([4, [250, 500, 1000]]);
  });

  test('F-17: waits as long as the vendor says and a little longer, never less', async () => {
    const { pacing, waits } = virtual(0);
    const limited = () => new RateLimited('slow down', { retryAt: new Date(7_000) });

    await ask(pacing.lane('acme', 'crm'), failing(1, limited).read);
    const late = virtual(0.99);
    await ask(late.pacing.lane('acme', 'crm'), failing(1, limited).read);

    expect(waits).toEqual([7_000]);
    expect(late.waits[0]).toBeGreaterThan(7_000);
  });

  test('F-17: without a time that can be read it waits by itself, from the full wait on', async () => {
    const { pacing, waits } = virtual(0);

    await ask(pacing.lane('acme', 'crm'), failing(2, () => new RateLimited('slow down')).read);

    expect(waits).toEqual([500, 1000]);
  });

  test('F-24: a wait beyond half a minute is not waited for: the read is to be parked', async () => {
    const { pacing, waits } = virtual();
    const daily = () => new RateLimited('daily limit', { retryAt: new Date(3_600_000) });
    const source = failing(1, daily);

    await expect(ask(pacing.lane('acme', 'crm'), source.read)).rejects.toThrow('daily limit');

    expect([source.asked(), waits]).toEqual([1, []]);
  });

  test('refused credentials are not tried again', async () => {
    const { pacing } = virtual();
    const source = failing(1, () => new AuthExpired('no'));

    await expect(ask(pacing.lane('acme', 'crm'), source.read)).rejects.toThrow('no');

    expect(source.asked()).toBe(1);
  });
});

describe('a system that is away', () => {
  test('F-16: is left alone after five failures in a row; other connections are asked as before', async () => {
    const { pacing } = virtual();
    const crm = pacing.lane('acme', 'crm');
    const source = failing(99, out);

    for (let read = 0; read < 20; read += 1) await ask(crm, source.read).catch(() => undefined);

    expect(source.asked()).toBe(5);
    expect(await ask(pacing.lane('globex', 'crm'), failing(0, out).read)).toBe('answer');
    expect(pacing.breakers()).toEqual({ closed: 1, open: 1, half_open: 0 });
  });

  test('F-16: is asked by one probe once its time has come, and all go on after its answer', async () => {
    const world = virtual();
    const crm = world.pacing.lane('acme', 'crm');
    const source = failing(5, out);
    for (let read = 0; read < 3; read += 1) await ask(crm, source.read).catch(() => undefined);
    world.pass(300_000);

    expect([await ask(crm, source.read), await ask(crm, source.read)]).toEqual([
      'answer',
      'answer',
    ]);
    expect(world.pacing.breakers().closed).toBe(1);
  });

  test('F-16: is asked at once when a person asks, and what it said last is told while it is left alone', async () => {
    const { pacing } = virtual();
    const crm = pacing.lane('acme', 'crm');
    const source = failing(5, out);
    for (let read = 0; read < 3; read += 1) await ask(crm, source.read).catch(() => undefined);

    await expect(ask(crm, source.read)).rejects.toThrow(/Last it said: no answer/);
    crm.askedByPerson();
    crm.askedByPerson();

    // Two streams of one pull ask at the same time.
    expect(await Promise.all([ask(crm, source.read), ask(crm, source.read)])).toEqual([
      'answer',
      'answer',
    ]);
  });

  test('F-16: a retry that the breaker stops ends with what the source said, not with the breaker', async () => {
    const crm = virtual().pacing.lane('acme', 'crm');
    const source = failing(99, out);
    await ask(crm, source.read).catch(() => undefined);

    await expect(ask(crm, source.read)).rejects.toThrow(/^no answer$/);
  });

  test('F-18: answers that fail in 60 of 100 cases cost at most half as many calls again', async () => {
    const { pacing, pass } = virtual();
    const crm = pacing.lane('acme', 'crm');
    let [calls, seed] = [0, 7];
    const flaky = async (): Promise<string> => {
      calls += 1;
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      if (seed / 2_147_483_648 < 0.6) throw new RemoteUnavailable('503');
      return 'answer';
    };
    const reads = 400;

    for (let read = 0; read < reads; read += 1) {
      await ask(crm, flaky).catch(() => undefined);
      pass(60_000);
    }

    expect(calls / reads).toBeLessThanOrEqual(1.5);
    expect(calls).toBeGreaterThan(reads / 2);
  });
});
