import type { TenantTx } from '../../src/db/store.ts';
import type { JsonObject } from '../../src/kernel/hash.ts';
import { CONNECTION, type Simulation } from './simulation.ts';
import type { SimulatedStream } from './vendor.ts';

/** Compares what we hold with what the vendor holds: nothing lost, nothing twice, nothing old, all sums closed. */
export async function verify(simulation: Simulation): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const stream of simulation.vendor.streams) {
    const records = await simulation.records(stream.name);
    const wanted = new Map(records.map((each) => [stream.idOf(each), stream.textOf(each)]));
    const found = await simulation.store.readTenant(simulation.tenantId, async (tx) => ({
      landed: await landedOf(tx, stream),
      facts: await factsOf(tx, stream),
    }));
    problems.push(
      ...differences(`${stream.name} landed`, wanted, found.landed),
      ...differences(`${stream.name} as facts`, wanted, found.facts),
    );
    const ends = found.landed.map((row) => row.join(' ')).toSorted();
    simulation.note(`${stream.name} ends as ${ends.join(', ')}`);
  }
  return [...problems, ...(await bookkeeping(simulation))];
}

type Row = readonly [id: string, text: string];

async function landedOf(tx: TenantTx, stream: SimulatedStream): Promise<readonly Row[]> {
  const rows = await tx.sql<{ id: string; data: JsonObject }>(
    `select r.record_id as id, r.data from source_record r
     where r.connection = $1 and r.stream = $2 and not r.deleted`,
    [CONNECTION, stream.name],
  );
  return rows.map(({ id, data }) => [id, stream.textOf(data)]);
}

async function factsOf(tx: TenantTx, stream: SimulatedStream): Promise<readonly Row[]> {
  const rows = await tx.sql<{ id: string; body: JsonObject }>(
    `select f.record_id as id, f.body from fact f
     where f.connection = $1 and f.stream = $2 and f.noun = $3 and f.recorded_to = 'infinity'`,
    [CONNECTION, stream.name, stream.noun],
  );
  return rows.map(({ id, body }) => [id, stream.textOfFact(body)]);
}

function differences(
  what: string,
  wanted: ReadonlyMap<string, string>,
  found: readonly Row[],
): readonly string[] {
  const held = new Map(found);
  const lost = [...wanted.keys()].filter((id) => !held.has(id));
  const ghosts = [...held.keys()].filter((id) => !wanted.has(id));
  const old = [...held].filter(([id, text]) => wanted.has(id) && wanted.get(id) !== text);
  return [
    ...(lost.length > 0 ? [`${what}: lost ${lost.join(', ')}`] : []),
    ...(ghosts.length > 0 ? [`${what}: not at the source ${ghosts.join(', ')}`] : []),
    ...(old.length > 0
      ? [`${what}: not as at the source ${old.map(([id]) => id).join(', ')}`]
      : []),
    ...(held.size < found.length ? [`${what}: ${found.length - held.size} twice`] : []),
  ];
}

interface Count {
  readonly what: string;
  readonly n: number;
}

/** I1 by the rows themselves, and that nothing waits for ever. */
async function bookkeeping(simulation: Simulation): Promise<readonly string[]> {
  const { store, tenantId, undisturbed } = simulation;
  const rows = await store.readTenant(tenantId, (tx) =>
    tx.sql<Count>(
      `select 'streams that succeeded although their sums are open' as what, count(*)::int as n
       from run_stream s where s.status = 'succeeded' and exists (
         select from run_page p where p.run_id = s.run_id and p.stream = s.stream
         group by p.run_id having sum(p.given) <>
           sum((select count(*) from unnest(p.outcomes) as o (outcome) where o.outcome <> 't')))
       union all
       select 'pages that are not mapped', count(*)::int from run_page p
       where p.mapped_at is null and p.outcomes && array['c', 'u']::"char"[]
       union all
       select 'pieces of work that are stuck', count(*)::int from outbox w where w.not_before = 'infinity'
       union all
       select 'runs that never ended', count(*)::int from run r where r.status = 'running'
       union all
       select 'certificates that do not close although nothing changed meanwhile: '
         || coalesce(min(s.stream || ' ' || s.run_id || ' ' || (s.error ->> 'message')), ''), count(*)::int
       from run_stream s where s.error ->> 'code' in ('sums_open', 'certificate_open', 'not_countable') and s.run_id = any($1)`,
      [[...undisturbed]],
    ),
  );
  return rows.filter(({ n }) => n > 0).map(({ what, n }) => `${n} ${what}`);
}
