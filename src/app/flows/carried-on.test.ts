import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startHarness, type Harness } from '../../../test/support/flow-harness.ts';
import { carriedOn } from '../../intake/checkpoints.ts';
import { listQuarantine } from '../../intake/quarantine.ts';
import { getRun } from '../../intake/runs.ts';
import type { JsonObject } from '../../kernel/hash.ts';
import type { ConnectorSession } from '../../sdk/define-connector.ts';
import type { JobContext } from '../../sdk/flows.ts';
import { pullStream } from './pull-stream.ts';
import { startPull, type StartPull } from './start-pull.ts';

// What a window gives to the next, and what becomes of records that are asked for by id and cannot be landed.

const STREAM = 'Account';

let world: Harness;
beforeAll(async () => {
  world = await startHarness();
  await world.pull('crm', { streams: [STREAM] });
}, 120_000);
afterAll(() => world?.stop());

/** Pulls the stream with some calls of its session replaced. */
async function pull(
  replace: (session: ConnectorSession) => Partial<ConnectorSession>,
  input: Partial<StartPull> = {},
) {
  const { deps, caller } = world;
  const asked = { ...input, connection: 'crm', streams: [STREAM] };
  const { runId } = await startPull(deps, caller, asked);
  const real = await deps.sessions.of(caller.tenantId, 'crm');
  const sessions = { ...deps.sessions, of: async () => ({ ...real, ...replace(real) }) };
  const hold: JobContext['hold'] = async () => undefined;
  const context = { tenantId: caller.tenantId, signal: new AbortController().signal, hold };
  await pullStream({ ...deps, sessions }, context, { runId, stream: STREAM });
  await world.drain();
  return (await world.inTx((tx) => getRun(tx, runId))).streams[0];
}

describe('what a window gives to carry on', () => {
  const told: (JsonObject | null | undefined)[] = [];
  /** Notes what it is told, and gives a new word to carry on. */
  const giving =
    (word: string, more: Partial<ConnectorSession> = {}) =>
    (session: ConnectorSession): Partial<ConnectorSession> => ({
      openWindow: async (stream, since, carried) => {
        told.push(carried);
        const window = await session.openWindow(stream, since, carried);
        return { ...window, carry: { word } };
      },
      ...more,
    });

  test('comes to the next one once it is certified, and only then', async () => {
    const steps = [
      () => pull(giving('first')),
      () =>
        pull(giving('uncertified', { countWindow: async () => null, listKeys: async () => null })),
      () => pull(giving('second')),
      () => pull(giving('third'), { full: true }),
      () => pull(giving('fourth')),
    ];
    for (const step of steps) {
      // Windows that end in the same second are one: the first of them stays.
      await world.twins.salesforce.advance(5);
      await step();
    }

    expect(told.slice(1)).toEqual([{ word: 'first' }, { word: 'first' }, null, { word: 'third' }]);
  });

  test('is what the connector makes of the vendor’s log of deletions, kept where no restart forgets it', async () => {
    await world.twins.salesforce.advance(5);
    await pull(() => ({}));

    expect(await world.inTx((tx) => carriedOn(tx, 'crm', STREAM))).toEqual({
      deletionsFrom: expect.stringMatching(/Z$/),
      deletionsUpTo: expect.stringMatching(/Z$/),
    });
  });
});

test('a record that is asked for by id and cannot be landed waits for a person, and the proof knows it', async () => {
  const [row] = await world.inTx((tx) =>
    tx.sql<{ id: string }>(
      `select record_id as id from source_record where stream = $1 and not deleted limit 1`,
      [STREAM],
    ),
  );
  const id = row?.id ?? '';
  await world.inTx((tx) => tx.run(`delete from source_record where record_id = $1`, [id]));
  const unreadable = [
    { id, code: 'unsafe_number', reason: 'A figure has lost digits.', outcome: 'quarantined' },
  ] as const;

  const stream = await pull(
    (session) => ({
      readByIds: async (name, ids) =>
        ids.includes(id) ? { records: [], unreadable } : await session.readByIds(name, ids),
    }),
    { prove: true },
  );
  const waiting = await world.inTx((tx) => listQuarantine(tx, { status: 'open', limit: 100 }));

  expect(waiting).toMatchObject([{ recordId: id, code: 'unsafe_number', stage: 'intake' }]);
  expect(stream).toMatchObject({ status: 'succeeded', quarantined: 1, certificate: { closed: true, missingCount: 0 } }); // prettier-ignore
});
