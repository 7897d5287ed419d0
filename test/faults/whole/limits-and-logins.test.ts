import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { waitFor } from '../../support/cli.ts';
import { endsWell } from '../i1-to-i8.ts';
import { api, CONNECTION, inSmallPages, startProgram, type Program } from '../program.ts';

// What the vendor allows and what it forgets, as in `reading.test.ts`: processes of their own, I1 to I8 after each case.

const LIMIT_MS = 150_000;

let program: Program;
beforeAll(async () => {
  program = await startProgram({ system: 'salesforce', streams: ['Account', 'Product2'] });
}, 240_000);
afterAll(() => program?.stop(), 60_000);
afterEach(async () => {
  await endsWell(program);
}, 240_000);

const SMALL = inSmallPages('Account', 20);
const SLOW = api({ action: 'delay', delayMs: 300 });

interface Place {
  readonly status: string;
  readonly code: string | null;
  readonly pages: number;
  readonly refused: number;
  /** Seconds until it goes on by itself; null: it does not. */
  readonly wait: number | null;
}

async function placeOf(runId: string): Promise<Place> {
  const [row] = await program.sql<Place>(
    `select s.status, s.error ->> 'code' as code,
       (select count(*)::int from run_page p where p.run_id = s.run_id) as pages,
       (select count(*)::int from quarantine q where q.run_id = s.run_id) as refused,
       extract(epoch from s.resume_at - app.clock())::int as wait
     from run_stream s where s.run_id = $1`,
    [runId],
  );
  if (row === undefined) throw new Error(`${runId} reads nothing.`);
  return row;
}

/** Starts a read of many pages and lets it come to the third of them. */
async function underWay(): Promise<string> {
  await program.twin.faults(SMALL, SLOW);
  const runId = await program.start(['Account'], true);
  await waitFor('the third page', async () =>
    (await program.pagesOf(runId)).length >= 3 ? true : undefined,
  );
  return runId;
}

test(
  'F-19, F-21: a session that ends under the API and the worker is renewed by one login for both',
  async () => {
    // The API's own process describes objects while the worker reads; each begins with a login of its own.
    const describe = (): Promise<{ readonly status: number }> =>
      program.send('GET', `/api/v1/connections/${CONNECTION}/objects/Account`);
    await describe();
    const login = { match: { path: '/services/oauth2/token' }, action: 'delay', delayMs: 300 };
    await program.twin.faults(login, api({ action: 'expire_token', nth: 3 }), SMALL);

    const [read, ...described] = await Promise.all([program.read(true), describe(), describe()]);

    expect([read, ...described.map(({ status }) => status)]).toEqual(['succeeded', 200, 200]);
    expect((await program.twin.firings()).slice(0, 2)).toEqual([1, 1]);
  },
  LIMIT_MS,
);

test(
  'F-20: a day on which every token is revoked parks the read; after a new login it goes on at its page',
  async () => {
    const runId = await underWay();

    await program.twin.faults({ action: 'revoke' });
    const status = await program.settled(runId);
    const parked = await placeOf(runId);
    const [connection] = await program.sql(`select c.status from connection c where c.id = $1`, [CONNECTION]); // prettier-ignore
    await program.twin.faults(SMALL);
    const checked = await program.send('POST', `/api/v1/connections/${CONNECTION}:check`);
    const ended = await program.ended(runId);

    expect([status, connection]).toEqual(['parked', { status: 'reauth_required' }]);
    expect(parked).toMatchObject({ status: 'parked', refused: 0, wait: null });
    expect(parked.pages).toBeGreaterThanOrEqual(3);
    expect([checked.status, ended]).toEqual([200, 'succeeded']);
    expect(await program.pagesOf(runId)).toEqual(Array.from({ length: 10 }, () => 20));
  },
  LIMIT_MS,
);

test(
  'F-24: the limit of the day parks the read for hours with what it has; then it goes on at its page',
  async () => {
    const runId = await underWay();

    await program.twin.faults({ action: 'limit', with: { kind: 'total' } });
    const status = await program.settled(runId);
    const parked = await placeOf(runId);
    await program.twin.faults(SMALL);
    const ended = await program.ended(runId);

    expect(status).toBe('parked');
    expect(parked).toMatchObject({ status: 'parked', code: 'rate_limited', refused: 0 });
    expect(parked.wait).toBeGreaterThan(600);
    expect(parked.pages).toBeGreaterThanOrEqual(3);
    expect(ended).toBe('succeeded');
    expect(await program.pagesOf(runId)).toEqual(Array.from({ length: 10 }, () => 20));
  },
  LIMIT_MS,
);
