import netsuite from '../../connectors/netsuite/index.ts';
import { FIXTURE_WORLD } from '../../connectors/netsuite/twin/fixture-world.ts';
import { fixtureWorld } from '../../connectors/salesforce/twin/fixture-world.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import type { JsonObject } from '../../src/kernel/hash.ts';
import { silentLogger } from '../../src/kernel/logger.ts';
import type { ConnectorSession } from '../../src/sdk/define-connector.ts';
import type { PageToken } from '../../src/sdk/record.ts';
import { countingEgress } from '../support/egress.ts';
import { heldSecrets } from '../support/held-secrets.ts';
import { startNetSuite } from '../support/netsuite-session.ts';
import { control, openSalesforce, startSalesforce } from '../support/salesforce-session.ts';
import type { BenchRow } from './measure.ts';

const CHANGED = 10_000;
const FIRST_CHANGE = Date.parse('2026-02-25T00:00:00Z');
const GOAL = 1.05;

/** Calls of one pull: what was sent, and the least that its answers need. */
interface Calls {
  readonly calls: number;
  readonly minimum: number;
}

/** Some records share a second, as those of one import do. */
const stampOf = (at: number): string =>
  new Date(FIRST_CHANGE + Math.floor(at / 3) * 1000).toISOString();

/** One window from its end being frozen to its count, as the flow asks for it. */
async function pull(session: ConnectorSession, stream: string, since: string): Promise<number> {
  const window = await session.openWindow(stream, since);
  let records = 0;
  for (let after: PageToken | null = null, isFirst = true; isFirst || after !== null;) {
    const page = await session.readPage(stream, window, after);
    records += page.records.length;
    after = page.next;
    isFirst = false;
  }
  const counted = await session.countWindow(stream, window);
  if (counted !== records) throw new Error(`${stream}: ${records} of ${counted} records came.`);
  return records;
}

/** The calls of the second pull of a session: the first has logged in and asked what a session asks once. */
async function callsOf(
  session: ConnectorSession,
  count: () => number,
  { stream, since, now }: { readonly stream: string; readonly since: string; readonly now: string },
): Promise<number> {
  await pull(session, stream, now);
  const before = count();
  const records = await pull(session, stream, since);
  if (records !== CHANGED) throw new Error(`${stream}: ${records} records instead of ${CHANGED}.`);
  return count() - before;
}

/** 5 pages of 2,000; the window's end with the size of the window, its deletions, its count. */
async function salesforceCalls(): Promise<Calls> {
  const world = fixtureWorld();
  const [template] = world.objects['Account'] ?? [];
  const rows = Array.from({ length: CHANGED }, (_, at): JsonObject => {
    const stamp = stampOf(at).replace('Z', '+0000');
    const Id = `001Fx${String(at).padStart(10, '0')}AAA`;
    return {
      ...template,
      Id,
      Name: `Account ${at}`,
      ParentId: null,
      LastModifiedDate: stamp,
      SystemModstamp: stamp,
    };
  });
  const twin = await startSalesforce({ ...world, objects: { ...world.objects, Account: rows } });
  try {
    // A server that cuts pages short, as this one likes to, costs every reader a call more.
    const full = { action: 'short_page', match: { object: 'Account' }, with: { rows: 2000 } };
    await control(twin, 'PUT', '/faults', { seed: 1, rules: [full] });
    const { egress, count } = countingEgress();
    const session = await openSalesforce(twin, { egress });
    const calls = await callsOf(session, count, {
      stream: 'Account',
      since: '2026-02-24T00:00:00.000Z',
      now: '2026-03-02T09:00:00.000Z',
    });
    await session.close();
    return { calls, minimum: 5 + 3 };
  } finally {
    await twin.stop();
  }
}

/** 10 pages of 1,000; the account's clock, the deletions, and a count of each: they are two tables. */
async function netsuiteCalls(): Promise<Calls> {
  const [template] = FIXTURE_WORLD.objects['customer'] ?? [];
  const customer = Array.from({ length: CHANGED }, (_, at): JsonObject => {
    const lastModifiedDate = stampOf(at).replace('.000Z', 'Z');
    return { ...template, id: String(1000 + at), entityId: `C${at}`, lastModifiedDate };
  });
  const vendor = await startNetSuite({
    ...FIXTURE_WORLD,
    objects: { ...FIXTURE_WORLD.objects, customer },
  });
  try {
    const { config, secrets } = vendor.twin.credentials;
    const { egress, count } = countingEgress();
    const session = await netsuite.open({
      connection: 'erp',
      config: netsuite.config.parse(config),
      ...heldSecrets(netsuite.secrets.parse(secrets)),
      egress,
      clock: systemClock(),
      logger: silentLogger,
    });
    const calls = await callsOf(session, count, {
      stream: 'customer',
      since: '2026-02-24 00:00:00',
      now: '2026-03-02 09:00:00',
    });
    await session.close();
    return { calls, minimum: 10 + 4 };
  } finally {
    await vendor.stop();
  }
}

const withRatio = ({ calls, minimum }: Calls) => ({
  calls,
  minimum,
  ratio: Number((calls / minimum).toFixed(3)),
});

/** Calls to read and prove 10,000 changed records of a stream, by a session that is logged in. */
export async function bench(): Promise<BenchRow> {
  const salesforce = await salesforceCalls();
  const netSuite = await netsuiteCalls();
  return {
    name: 'vendor-calls',
    ours: salesforce.calls + netSuite.calls,
    floor: salesforce.minimum + netSuite.minimum,
    unit: 'calls',
    better: 'less',
    goal: GOAL,
    details: { records: CHANGED, salesforce: withRatio(salesforce), netsuite: withRatio(netSuite) },
  };
}
