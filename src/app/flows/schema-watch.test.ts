import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { startHarness, type Harness } from '../../../test/support/flow-harness.ts';
import { hasUnmappedPages } from '../../intake/pages.ts';
import { RemoteRejected } from '../../kernel/errors.ts';
import { listPauses } from '../../mapping/paused-mappings.ts';
import type { ConnectorSession, ObjectDescription } from '../../sdk/define-connector.ts';
import type { JobContext } from '../../sdk/flows.ts';
import { acceptSchema } from './accept-schema.ts';
import { listAudit } from './list-audit.ts';
import { pullStream } from './pull-stream.ts';
import { removeConnection } from './remove-connection.ts';
import { showSchema } from './show-schema.ts';
import { startPull } from './start-pull.ts';

const STREAM = 'Opportunity';
const FIELD = 'Amount';

let world: Harness;
beforeAll(async () => {
  world = await startHarness();
  await world.pull('crm', { without: ['deliver', 'detect-closed-won'] });
}, 120_000);
afterAll(() => world?.stop());

let hidden: readonly string[] = [];
let described = 0;
let refuses = false;
beforeEach(() => {
  hidden = [];
  described = 0;
});

function without(description: ObjectDescription): ObjectDescription {
  const fields = description.fields.filter(({ name }) => !hidden.includes(name));
  return { ...description, fields };
}

/** A source that hides some fields as field-level security does: from the description and from records. */
function hiding(session: ConnectorSession): ConnectorSession {
  return {
    ...session,
    describe: async (object) => {
      described += 1;
      return without(await session.describe(object));
    },
    readPage: async (...args) => {
      if (refuses) throw new RemoteRejected("INVALID_FIELD: No such column 'CloseDate'.");
      const page = await session.readPage(...args);
      const strip = (data: object) =>
        Object.fromEntries(
          Object.entries({ ...data, Marker: String(described + hidden.length) }).filter(
            ([name]) => !hidden.includes(name),
          ),
        );
      const records = page.records.map((record) => ({ ...record, data: strip(record.data) }));
      return { ...page, records };
    },
  };
}

/** Reads streams in full, each page as changed, and maps what may be mapped. */
async function read(streams: readonly string[]): Promise<void> {
  const { deps, caller } = world;
  const session = hiding(await deps.sessions.of(caller.tenantId, 'crm'));
  const hold: JobContext['hold'] = async () => undefined;
  const context = { tenantId: caller.tenantId, signal: new AbortController().signal, hold };
  const { runId } = await startPull(deps, caller, { connection: 'crm', streams, full: true });
  const sessions = { ...deps.sessions, of: async () => session };
  for (const stream of streams) {
    await pullStream({ ...deps, sessions }, context, { runId, stream });
  }
  await world.drain({ without: ['deliver', 'detect-closed-won'] });
}
/** As if the last look were so long ago. */
const lookedAgo = (minutes: number) =>
  world.inTx((tx) =>
    tx.run(`update stream_schema set looked_at = app.clock() - make_interval(mins => $1)`, [
      minutes,
    ]),
  );
const amounts = async (): Promise<number> => {
  const [row] = await world.inTx((tx) =>
    tx.sql<{ count: number }>(
      `select count(*)::int as count from fact where noun = 'opportunity' and recorded_to = 'infinity'
         and body ->> 'amount' is not null`,
    ),
  );
  return row?.count ?? 0;
};
const waits = () => world.inTx((tx) => hasUnmappedPages(tx, 'crm'));
const schema = () => showSchema(world.deps, world.caller, { connection: 'crm', limit: 50 });

describe('F-36: a field that a mapping reads and that the source hides', () => {
  test('pauses the mapping before a page lands: records land, no null is written, other objects go on', async () => {
    await lookedAgo(90);
    const before = await amounts();
    hidden = [FIELD];

    await read([STREAM, 'Account']);
    const { paused, changes } = await schema();

    expect(before).toBeGreaterThan(0);
    expect(await amounts()).toBe(before);
    expect(paused.map(({ field, kind }) => `${field} ${kind}`)).toContain(`${FIELD} gone`);
    expect(changes).toMatchObject([{ stream: STREAM, field: FIELD, kind: 'gone' }]);
    const streams = await world.inTx((tx) =>
      tx.sql<{ stream: string; waiting: boolean }>(
        `select stream, bool_or(mapped_at is null) as waiting from run_page group by 1 order by 1`,
      ),
    );
    expect(streams.filter(({ waiting }) => waiting).map(({ stream }) => stream)).toEqual([STREAM]);
    const told = await listAudit(world.deps, world.caller, { limit: 20 });
    expect(told.map(({ action }) => action)).toContain('mapping.paused');
  }, 60_000);

  test('goes on, and what waited is mapped, once the field is back', async () => {
    await lookedAgo(10);

    await read([STREAM]);

    expect((await schema()).paused).toEqual([]);
    expect(await waits()).toBe(false);
  }, 60_000);

  test('is missed for no hour: a page without it makes the source be asked at once', async () => {
    await lookedAgo(0);
    const before = await amounts();
    hidden = [FIELD];

    await read([STREAM]);

    expect(described).toBe(1);
    expect((await schema()).paused).not.toEqual([]);
    expect([await amounts(), await waits()]).toEqual([before, true]);
  }, 60_000);

  test('stays away when a person accepts it: what waited is mapped as it is', async () => {
    await acceptSchema(world.deps, world.caller, 'crm');
    await world.drain({ without: ['deliver', 'detect-closed-won'] });

    expect((await schema()).paused).toEqual([]);
    expect(await waits()).toBe(false);
  }, 60_000);
});

describe('F-36: a source that refuses the read because of a hidden field', () => {
  test('is asked at once what is gone, and the mapping waits until it is there again', async () => {
    await lookedAgo(0);
    refuses = true;
    hidden = ['CloseDate'];

    await read([STREAM]);
    const { paused } = await schema();
    refuses = false;
    hidden = [];
    await lookedAgo(10);
    await read([STREAM]);

    expect(paused.map(({ field, kind }) => `${field} ${kind}`)).toContain('CloseDate gone');
    expect([(await schema()).paused, await waits()]).toEqual([[], false]);
  }, 60_000);
});

describe('what costs calls', () => {
  test('a stream is described once a pull, however many pages it has', async () => {
    await read(['Account']);
    const first = described;
    await read(['Account']);

    expect([first, described]).toEqual([1, 2]);
  });
});

test('a connection that is removed leaves nothing waiting, and its facts as they were', async () => {
  await lookedAgo(90);
  hidden = [FIELD];
  await read([STREAM]);
  const [before, waited] = [await amounts(), await waits()];

  await removeConnection(world.deps, world.caller, { id: 'crm' });
  await world.drain({ without: ['deliver', 'detect-closed-won'] });
  const paused = await world.inTx((tx) => listPauses(tx, 'crm'));

  expect(waited).toBe(true);
  expect([await waits(), await amounts(), paused]).toEqual([false, before, []]);
}, 60_000);
