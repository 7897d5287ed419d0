import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { setTimeout as delay } from 'node:timers/promises';
import { startHarness, type Harness } from '../../../test/support/flow-harness.ts';
import { control, oracleOf } from '../../../test/support/salesforce-session.ts';
import { changePlaces, listListeners } from '../../intake/change-checkpoints.ts';
import type { ChangeHint } from '../../sdk/change-events.ts';
import { changeConnection } from '../flows/change-connection.ts';
import { openProof } from '../open-proof.ts';
import { keepChanges } from './listen-to-connection.ts';
import { startListeners, type Listeners } from './start-listeners.ts';

let world: Harness;
let tenantId: string;

beforeAll(async () => {
  world = await startHarness();
  ({ tenantId } = world.caller);
}, 60_000);
afterAll(() => world.stop());
beforeEach(async () => {
  await world.inTx((tx) =>
    tx.run(`update run_stream set status = 'failed' where status = 'waiting'`),
  );
  await world.inTx((tx) => tx.run(`update run set status = 'failed' where status = 'running'`));
  await world.inTx((tx) => tx.run(`delete from change_checkpoint`));
});

const hint = (eventId: string, more: Partial<ChangeHint> = {}): ChangeHint => ({
  eventId,
  object: 'Opportunity',
  id: `006${eventId.padStart(15, '0')}`,
  kind: 'change',
  echo: false,
  ...more,
});
const keep = (hints: readonly ChangeHint[], replay = {}) =>
  keepChanges(world.deps, { tenantId, connection: 'crm' }, hints, replay);

async function count(sql: string): Promise<number> {
  const [row] = await world.inTx((tx) => tx.sql<{ n: number }>(`select count(*)::int as n ${sql}`));
  return row?.n ?? 0;
}

async function openStreams(): Promise<readonly string[]> {
  const rows = await world.inTx((tx) =>
    tx.sql<{ text: string }>(
      `select s.stream || case when r.full_read then ' (full)' else '' end as text
       from run r join run_stream s on s.tenant_id = r.tenant_id and s.run_id = r.id
       where r.status = 'running' order by 1`,
    ),
  );
  return rows.map((row) => row.text);
}

describe('hints', () => {
  test('F-49: 10,000 of them are all kept, and make one read that will see every change', async () => {
    const all = Array.from({ length: 10_000 }, (_, n) => hint(`flood-${n}`));
    for (let at = 0; at < all.length; at += 500) await keep(all.slice(at, at + 500));

    expect(
      await count(`from inbox where event_id like 'flood-%' and processed_at is not null`),
    ).toBe(10_000);
    expect(await count(`from run where status = 'running'`)).toBe(1);
    expect(await openStreams()).toEqual(
      expect.arrayContaining(['Opportunity', 'OpportunityLineItem']),
    );
  }, 60_000);

  test('F-42: the same event twice is one row and one read, also within a batch and from several workers', async () => {
    await Promise.all(
      Array.from({ length: 10 }, () => keep([hint('twin-1'), hint('twin-1'), hint('twin-2')])),
    );

    expect(await count(`from inbox where event_id like 'twin-%'`)).toBe(2);
    expect(await count(`from run where status = 'running'`)).toBe(1);
  });

  test('F-43: in whatever order and however often events come, the same rows are kept and the same streams read', async () => {
    const events = [
      hint('won', { object: 'Opportunity' }),
      hint('reopened', { object: 'Opportunity' }),
      hint('won-again', { object: 'Opportunity' }),
      hint('account', { object: 'Account', kind: 'gap' }),
      hint('own', { object: 'Contract', echo: true }),
    ];
    let at = 0;
    const outcomes = new Set<string>();

    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray([...events, ...events], { minLength: 2 * events.length }),
        async (order) => {
          at += 1;
          await world.inTx((tx) => tx.run(`update run set status = 'failed' where status = 'running'`)); // prettier-ignore
          for (const each of order) await keep([{ ...each, eventId: `${at}/${each.eventId}` }]);
          const rows = await count(`from inbox where event_id like '${at}/%'`);
          outcomes.add(`${rows} ${(await openStreams()).join(', ')}`);
        },
      ),
      { numRuns: 20 },
    );

    expect(outcomes.size).toBe(1);
    expect([...outcomes][0]).toMatch(/^5 Account, Opportunity, /);
  }, 60_000);

  test('F-48: after an overflow or an expired place everything is read again, and the audit says why', async () => {
    await keep([hint('lost-1', { kind: 'overflow', id: null, object: 'Account' })]);
    await keep([hint('lost-2', { kind: 'expired', id: null, object: 'Contract' })], {
      Contract: null,
    });

    const streams = await openStreams();
    expect(streams).toEqual(expect.arrayContaining(['Account (full)', 'Contract (full)']));
    expect(streams.every((each) => each.endsWith(' (full)'))).toBe(true);
    expect(await count(`from audit_event where action = 'changes.lost'`)).toBe(2);
  });

  test('F-48: a gap makes an ordinary read; a waiting ordinary one does not stand in for a full one', async () => {
    await keep([hint('gap-1', { kind: 'gap', object: 'Account' })]);
    await keep([hint('gap-2', { kind: 'overflow', id: null, object: 'Account' })]);
    await keep([hint('gap-3', { kind: 'overflow', id: null, object: 'Account' })]);

    expect(await openStreams()).toEqual(['Account', 'Account (full)']);
  });

  test('a proof that waits does not stand in for a read: it looks at nothing newer than what was certified', async () => {
    const proof = { connection: 'crm', stream: 'Account', by: 'system:schedule' };
    await world.inTx((tx) => openProof(world.deps, tx, proof));

    await keep([hint('proof-1', { object: 'Account' })]);

    expect(await openStreams()).toEqual(['Account', 'Account']);
  });

  test('F-50: a change of our own is kept, reads nothing, and moves the place', async () => {
    await keep([hint('echo-1', { echo: true })], { Opportunity: { replayId: 7 } });

    expect(await count(`from inbox where event_id = 'echo-1' and echo`)).toBe(1);
    expect(await openStreams()).toEqual([]);
    expect(await world.inTx((tx) => changePlaces(tx, 'crm'))).toEqual({
      Opportunity: { replayId: 7 },
    });
  });

  test('are kept together with their places, or neither', async () => {
    const stuck = {
      ...world.deps,
      queue: world.deps.queue,
      registry: { ...world.deps.registry, connectors: new Map() },
    };

    const kept = keepChanges(stuck, { tenantId, connection: 'crm' }, [hint('both-1')], {
      Opportunity: { replayId: 9 },
    });

    await expect(kept).rejects.toThrow('There is no connector "salesforce"');
    expect(await count(`from inbox where event_id = 'both-1'`)).toBe(0);
    expect(await count(`from change_checkpoint`)).toBe(0);
  });
});

describe('a worker', () => {
  let listeners: Listeners | null = null;

  async function until(test: () => Promise<boolean>): Promise<void> {
    for (let n = 0; n < 400 && !(await test()); n += 1) await delay(25);
    if (!(await test())) throw new Error('It did not come to pass.');
  }
  const salesforce = () => world.twins.salesforce.running;
  const rename = async (Name: string): Promise<void> => {
    const [account] = (await control(salesforce(), 'GET', '/records?object=Account')) as {
      Id: string;
    }[];
    await control(salesforce(), 'POST', '/mutate', {
      object: 'Account',
      operation: 'update',
      id: account?.Id,
      fields: { Name },
    });
  };
  const turn = (changeEvents: boolean) =>
    changeConnection(world.deps, world.caller, {
      id: 'crm',
      config: { changeEvents },
      check: false,
    });

  afterAll(async () => {
    await listeners?.stop();
  });

  test('listens to a connection that asks for it, reads what changed, and stops when it is turned off', async () => {
    listeners = startListeners(world.deps, { everyMs: 50 });
    await turn(true);
    await until(async () => (await openStreams()).includes('Account'));
    await world.drain();
    await rename('Renamed by a person');
    await until(
      async () => (await count(`from inbox where kind = 'change' and object = 'Account'`)) > 0,
    );
    // The read waits its second: one was made just before.
    await until(async () => {
      await world.drain();
      const renamed = `from source_record where stream = 'Account' and data ->> 'Name' = 'Renamed by a person'`;
      return (await count(renamed)) === 1;
    });

    expect(await world.inTx((tx) => changePlaces(tx, 'crm'))).toHaveProperty('Account');

    await turn(false);
    await until(async () => (await count(`from change_listener where state = 'off'`)) === 1);
    const before = await count('from inbox');
    await rename('Unheard');
    await delay(200);
    expect(await count('from inbox')).toBe(before);
  }, 60_000);

  test('takes over where another one stopped, and hears what happened in between', async () => {
    await turn(true);
    await until(async () => (await openStreams()).includes('Account'));
    await rename('Before the stop');
    await until(async () => 'Account' in (await world.inTx((tx) => changePlaces(tx, 'crm'))));
    await listeners?.stop();
    await world.drain();
    const before = await count(`from inbox where kind = 'change'`);
    await rename('While nobody listened');

    listeners = startListeners(world.deps, { everyMs: 50 });

    await until(async () => (await count(`from inbox where kind = 'change'`)) > before);
    await until(async () => (await openStreams()).includes('Account'));
    expect(await count(`from inbox where event_id like 'expired/%'`)).toBe(0);
  }, 60_000);

  test('is one at a time: a second one waits for the lock', async () => {
    await world.drain();
    const joins = () => count(`from inbox where kind = 'gap'`);
    await until(async () => (await joins()) === (await delay(300).then(joins)));
    const before = await joins();
    const second = startListeners(world.deps, { everyMs: 50 });
    await delay(300);
    await second.stop();

    expect(await joins()).toBe(before);
  }, 60_000);

  test('F-50: does not read because of our own writes, which therefore make no second write', async () => {
    await world.drain();
    const session = await world.deps.sessions.of(tenantId, 'crm');
    const [account] = (await control(salesforce(), 'GET', '/records?object=Account')) as {
      Id: string;
    }[];
    const written = (await oracleOf(salesforce())).length;

    await session.write('Contract', [
      {
        externalId: 'echo-ext',
        intentId: 'echo-int',
        vendorId: null,
        fields: {
          AccountId: account?.Id ?? '',
          StartDate: '2026-04-01',
          ContractTerm: 12,
          Status: 'Draft',
        },
      },
    ]);
    await until(async () => (await count(`from inbox where object = 'Contract' and echo`)) > 0);
    const runs = await openStreams();
    await world.drain();

    expect(runs).toEqual([]);
    expect((await oracleOf(salesforce())).length).toBe(written + 1);
  }, 60_000);

  test('goes on after the other system broke off, and says meanwhile that it is broken', async () => {
    await control(salesforce(), 'PUT', '/faults', {
      rules: [{ match: { path: '/cometd' }, action: 'reset_before', times: 2 }],
    });
    await rename('Wakes the poll');
    await rename('Wakes the poll again');
    await until(async () => (await world.inTx(listListeners))[0]?.state === 'broken');
    await control(salesforce(), 'PUT', '/faults', { rules: [] });
    const before = await count(`from inbox where kind = 'change'`);

    await rename('After the break');

    await until(async () => (await count(`from inbox where kind = 'change'`)) > before);
    await until(async () => (await world.inTx(listListeners))[0]?.state === 'listening');
    expect(await world.inTx(listListeners)).toMatchObject([{ connection: 'crm', reason: null }]);
  }, 60_000);
});
