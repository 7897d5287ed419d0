import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { testStore, type TestStore } from '../../test/support/database.ts';
import {
  MOVES,
  phaseAfter,
  PHASES,
  plannedAt,
  step,
  type IntentPhase,
  type IntentStand,
} from './intent-machine.ts';
import { getIntent, proposeIntents } from './intents.ts';

const moves = PHASES.flatMap((before) => Object.values(MOVES[before]).map((after) => `${before} > ${after}`)); // prettier-ignore

describe('the machine', () => {
  const sent = { ...plannedAt(0), phase: 'SENT', fence: 3, leaseUntil: 90_000, sentAt: 0, attempts: 1 } as const; // prettier-ignore

  test('throws over a move that does not start where the intent stands', () => {
    expect(() => phaseAfter('UNKNOWN', 'send')).toThrow('no move');
    expect(() => step(sent, { kind: 'lease', now: 0, leaseMs: 1, earlier: 'settled' })).toThrow('SENT');
    for (const phase of ['SHOWN', 'SUPERSEDED'] as const) expect(MOVES[phase]).toEqual({});
  }); // prettier-ignore

  test('F-59: an event under an old fence changes nothing, whatever it says', () => {
    expect(step(sent, { kind: 'applied', now: 5, fence: 2 })).toBe(sent);
  });

  test('a planned one is not leased while an earlier revision is open or may be on its way', () => {
    const planned = plannedAt(0);

    for (const earlier of ['open', 'on its way'] as const)
      expect(step(planned, { kind: 'lease', now: 0, leaseMs: 1, earlier })).toBe(planned);
    expect(step(planned, { kind: 'lease', now: 0, leaseMs: 1, earlier: 'settled' }).phase).toBe('LEASED'); // prettier-ignore
  });

  test('F-13: not found proves something only when it was asked after the call could be on its way', () => {
    const unknown = { ...sent, phase: 'UNKNOWN' } as const;
    const absent = { kind: 'absent', now: 95_000, fence: 3 } as const;

    expect(step(unknown, { ...absent, asked: 89_999 }).phase).toBe('UNKNOWN');
    expect(step(unknown, { ...absent, asked: 90_000 }).phase).toBe('PLANNED');
  });
});

describe('what is not found', () => {
  /** Taken up, sent, its answer lost, and not found once no call can be on its way. */
  const inVain = (stand: IntentStand): IntentStand => {
    const { fence, notBefore: now } = stand;
    const leased = step(stand, { kind: 'lease', now, leaseMs: 1_000, earlier: 'settled' });
    const sent = step(leased, { kind: 'send', now, fence: fence + 1, leaseMs: 1_000 });
    const lost = step(sent, { kind: 'unanswered', now, fence: fence + 1, mayArrive: false });
    return step(lost, { kind: 'absent', now, fence: fence + 1, asked: now });
  };
  const waits = (count: number, change: (stand: IntentStand) => IntentStand = (stand) => stand) => {
    let stand = plannedAt(0);
    return Array.from({ length: count }, () => {
      const before = change(stand);
      stand = inVain(before);
      return (stand.notBefore - before.notBefore) / 1_000;
    });
  };

  test('is sent again after 1 s, 15 s, 3 min, 1 h and 1 day, by how often it was sent', () => {
    expect(waits(6)).toEqual([1, 15, 180, 3_600, 86_400, 86_400]);
  });

  test('waits no longer for workers that died, or gave it back, before they sent it', () => {
    const unsent = (stand: IntentStand): IntentStand => {
      const { notBefore: now } = stand;
      const leased = step(stand, { kind: 'lease', now, leaseMs: 1_000, earlier: 'settled' });
      const died = step(leased, { kind: 'lose', now, isSuccessor: true });
      const again = step(died, { kind: 'lease', now, leaseMs: 1_000, earlier: 'settled' });
      return step(again, { kind: 'release', now, fence: again.fence, waitMs: 0 });
    };

    expect(waits(3, unsent)).toEqual([1, 15, 180]);
  });
});

describe('the guard in the database', () => {
  let db: TestStore;
  beforeAll(async () => {
    db = await testStore();
  });
  afterAll(() => db.close());

  const make = async (object: string): Promise<string> => {
    const effect = { connection: 'erp', object, canonicalId: 'd1', vendorId: null, fields: { Name: 'A' } }; // prettier-ignore
    return db.store.withTenant(db.tenantId, async (tx) => {
      await proposeIntents(tx, [effect]);
      const [row] = await tx.sql<{ id: string }>(`select id from intent where object = $1`, [object]); // prettier-ignore
      return row?.id ?? '';
    });
  };
  const run = (sql: string, id: string): Promise<number> =>
    db.store.withTenant(db.tenantId, (tx) => tx.run(sql, [id]));
  const asRow = (phase: IntentPhase): string =>
    `state = '${phase === 'SHOWN' ? 'APPLIED' : phase}', read_back = ${phase === 'SHOWN'}`;
  /** All that a move may have to bring along. */
  const WITH = `fence = fence + 1, sent_at = app.clock(), looked_at = app.clock() + interval '1 second', lease_until = app.clock() + interval '1 minute'`;

  test('has the moves of the machine, and no other', async () => {
    const rows = await db.store.asOwner((tx) =>
      tx.sql<{ move: string }>(`select before || ' > ' || after as move from app.intent_moves()`),
    );

    expect(rows.map(({ move }) => move).toSorted()).toEqual([...new Set(moves)].toSorted());
  });

  test('refuses every move that the machine does not know, whichever code asks for it', async () => {
    const id = await make('every-pair');
    const allowed: string[] = [];
    for (const before of PHASES) {
      for (const after of PHASES.filter((each) => each !== before)) {
        await db.force(
          `update intent set ${asRow(before)}, sent_at = app.clock() - interval '1 minute', looked_at = null,
             lease_until = case when $2 = 'LEASED' then app.clock() + interval '1 minute' end where id = $1`,
          [id, before],
        );
        const moved = await run(
          `update intent set ${asRow(after)}, ${WITH} where id = $1`,
          id,
        ).then(
          () => true,
          () => false,
        );
        if (moved) allowed.push(`${before} > ${after}`);
      }
    }

    expect(allowed.toSorted()).toEqual([...new Set(moves)].toSorted());
  }, 60_000);

  test('F-13: refuses to send again, or to call shown, what nobody asked the other system about since it was sent', async () => {
    const id = await make('unasked');
    const begin = (lease: string) =>
      db.force(
        `update intent set state = 'UNKNOWN', read_back = false, sent_at = app.clock() - interval '1 minute', looked_at = app.clock() - interval '2 minutes',
           lease_until = ${lease} where id = $1`,
        [id],
      );

    await begin('null');
    await expect(run(`update intent set ${asRow('PLANNED')} where id = $1`, id)).rejects.toThrow('without a look'); // prettier-ignore
    await expect(run(`update intent set ${asRow('SHOWN')} where id = $1`, id)).rejects.toThrow('without a look'); // prettier-ignore
    await begin(`app.clock() + interval '1 minute'`);
    const looked = `update intent set ${asRow('PLANNED')}, looked_at = app.clock() where id = $1`;
    await expect(run(looked, id)).rejects.toThrow('on its way');
    await begin(`app.clock() - interval '1 second'`);
    expect(await run(looked, id)).toBe(1);
  });

  test('F-59: refuses a lease without a new fence, a fence that falls, and a call after the lease', async () => {
    const id = await make('fences');
    const lease = `update intent set state = 'LEASED', lease_until = app.clock() + interval '1 minute'`;
    await expect(run(`${lease} where id = $1`, id)).rejects.toThrow('new fence');
    await run(`${lease}, fence = fence + 1 where id = $1`, id);
    await expect(run(`update intent set fence = fence - 1 where id = $1`, id)).rejects.toThrow('cannot fall'); // prettier-ignore
    await db.force(`update intent set lease_until = app.clock() - interval '1 second' where id = $1`, [id]); // prettier-ignore
    const send = `update intent set state = 'SENT', sent_at = app.clock(), lease_until = app.clock() + interval '1 minute' where id = $1`;

    await expect(run(send, id)).rejects.toThrow('without a lease');
  });

  test('refuses to remove an open one, to begin elsewhere than planned, and to say another thing under the same id', async () => {
    const id = await make('open');
    const insert = `insert into intent (tenant_id, id, connection, object, external_id, revision, canonical_id, payload, payload_hash, state)
      select tenant_id, $1 || 'x', connection, object, external_id, 2, canonical_id, payload, payload_hash, 'APPLIED' from intent where id = $1`;

    await expect(run(`delete from intent where id = $1`, id)).rejects.toThrow('is open');
    await expect(run(insert, id)).rejects.toThrow('does not begin planned');
    await expect(run(`update intent set payload = '{"Name": "B"}' where id = $1`, id)).rejects.toThrow('another revision'); // prettier-ignore
    await expect(run(`update intent set revision = 7 where id = $1`, id)).rejects.toThrow('another revision'); // prettier-ignore
    expect(await db.store.readTenant(db.tenantId, (tx) => getIntent(tx, id))).toMatchObject({ state: 'PLANNED', revision: 1 }); // prettier-ignore
  });

  test('refuses to lease a revision before the one before it is settled', async () => {
    const id = await make('order-of-revisions');
    await run(
      `insert into intent (tenant_id, id, connection, object, external_id, revision, canonical_id, payload, payload_hash)
       select tenant_id, $1 || '2', connection, object, external_id, 2, canonical_id, payload, payload_hash from intent where id = $1`,
      id,
    );
    const lease = `update intent set state = 'LEASED', fence = fence + 1, lease_until = app.clock() + interval '1 minute' where id = $1`;

    await expect(run(lease, `${id}2`)).rejects.toThrow('earlier revision');
    expect(await run(lease, id)).toBe(1);
  });
});
