import { describe, expect, test } from '@jest/globals';
import { RemoteRejected, RemoteUnavailable } from '../kernel/errors.ts';
import { readHeld } from './read-held.ts';

const ids = Array.from({ length: 200 }, (_, at) => `r${at}`);

/** A system that refuses each batch with one of these in it; counts its calls. */
function system(refuses: readonly string[]) {
  const calls: number[] = [];
  const ask = async (part: readonly string[]) => {
    calls.push(part.length);
    if (part.some((id) => refuses.includes(id))) throw new RemoteRejected('No.');
    return part.map((externalId) => ({ externalId, intentId: null, vendorId: '1', fields: {} }));
  };
  return { ask, calls };
}

describe('a batch that its system refuses to show', () => {
  test('is shown but for the records that are refused alone, in few calls', async () => {
    const { ask, calls } = system(['r7', 'r150']);

    const { held, refused } = await readHeld(ids, ask);

    expect([...refused.keys()]).toEqual(['r7', 'r150']);
    expect(held).toHaveLength(198);
    expect(calls.length).toBeLessThan(40);
  });

  test('is one call where nothing is refused', async () => {
    const { ask, calls } = system([]);

    const { held, refused } = await readHeld(ids, ask);

    expect([held.length, refused.size, calls]).toEqual([200, 0, [200]]);
  });

  test('waits whole where it is not about the records, without asking for each, and what was not asked for is not called refused', async () => {
    const { ask, calls } = system(ids);

    const { held, refused, unasked } = await readHeld(ids, ask);

    expect([held.length, refused.size, unasked.length]).toEqual([0, 10, 190]);
    expect(new Set([...refused.keys(), ...unasked]).size).toBe(200);
    expect(calls.length).toBeLessThan(40);
  });

  test('throws every other failure: nobody knows what is there', async () => {
    const ask = () => Promise.reject(new RemoteUnavailable('Away.'));

    await expect(readHeld(ids, ask)).rejects.toThrow(RemoteUnavailable);
  });
});
