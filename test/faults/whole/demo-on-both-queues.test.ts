import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { startEmbedded } from '../../../src/db/embedded/start-embedded.ts';
import { makeCliHome, type CliHome, type CliResult } from '../../support/cli.ts';
import {
  BACKENDS,
  onEachBackend,
  startQueueServer,
  type Backend,
  type QueueServer,
} from '../backends.ts';

// The demo, API and worker as two processes: with all in the embedded store, and with its queue on a Redis.

const LIMIT_MS = 900_000;
const DEMO = ['demo', '--once', '--seed', '3'];

/** What is left of a demo, apart from the ids and the instants that are drawn anew each time. */
const LEDGER = {
  intents: `select i.connection, i.object, i.external_id, i.id, i.revision, i.canonical_id, i.state, i.read_back, i.mapping,
      i.payload from intent i order by i.external_id, i.revision`,
  // A plan's hash covers when its facts were seen; and how often one was drawn up anew before anybody decided is chance.
  plans: `select p.kind, p.subject, p.status, i.object, i.external_id, i.revision from plan p
     left join intent i on i.tenant_id = p.tenant_id and i.plan_id = p.id
     where p.status <> 'superseded' order by p.subject, p.kind, i.external_id, i.revision`,
  entitlements: `select f.external_ref, f.body ->> 'status' as status from fact f
     where f.noun = 'entitlement' and f.recorded_to = 'infinity' order by 1, 2`,
  positions: `select l.line_id, l.posture, l.owner_ref, l.sku_code, l.status, l.rights_owned, l.rights_in_use, l.surplus
     from position_line l where l.run_id = (select max(run_id) from position_line) order by l.line_id`,
  findings: `select d.kind, d.severity, d.subject_type, d.subject_id, d.sku_code, d.amount, d.status from finding d
     order by d.kind, d.subject_id, d.sku_code, d.amount`,
} as const;
type Ledger = Readonly<Record<keyof typeof LEDGER, readonly object[]>>;

interface Played {
  readonly result: CliResult;
  readonly ledger: Ledger;
  /** Everything that the queue on a server of its own holds in the end. */
  readonly queue: string;
}

const played = new Map<Backend, Played>();
const homes: CliHome[] = [];
const queues: QueueServer[] = [];

async function play(backend: Backend): Promise<void> {
  const queue = await startQueueServer(backend);
  queues.push(queue);
  const home = await makeCliHome(queue.env);
  homes.push(home);
  const result = await home.run(DEMO);
  const held = backend === 'Redis' ? await queue.dump({ look: async () => [] }) : '';
  played.set(backend, { result, ledger: await ledgerOf(home), queue: held });
}

async function ledgerOf(home: CliHome): Promise<Ledger> {
  const store = await startEmbedded({ home: home.folder });
  const url = new URL(store.adminUrl);
  url.pathname = '/trueup';
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  const read = async (sql: string): Promise<readonly object[]> => (await client.query(sql)).rows;
  const ledger = {
    intents: await read(LEDGER.intents),
    plans: await read(LEDGER.plans),
    entitlements: await read(LEDGER.entitlements),
    positions: await read(LEDGER.positions),
    findings: await read(LEDGER.findings),
  };
  await client.end();
  return ledger;
}

beforeAll(() => play('PostgreSQL'), LIMIT_MS);
afterAll(async () => {
  for (const home of homes) await home.stop();
  for (const queue of queues) await queue.stop();
}, LIMIT_MS);

onEachBackend((backend) => {
  test('F-56: the demo ends with the same ledger on either queue', async () => {
    if (!played.has(backend)) await play(backend);
    const [one, other] = [played.get(BACKENDS[0]), played.get(backend)];

    expect([one?.result.code, other?.result.code]).toEqual([0, 0]);
    expect(other?.queue !== '').toBe(backend === 'Redis');
    for (const name of ['intents', 'plans', 'entitlements', 'positions', 'findings'] as const) {
      expect(other?.ledger[name].length).toBeGreaterThan(0);
      expect(other?.ledger[name]).toEqual(one?.ledger[name]);
    }
  }, LIMIT_MS); // prettier-ignore
});
