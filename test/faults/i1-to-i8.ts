import type { TenantTx } from '../../src/db/store.ts';
import type { Json, JsonObject } from '../../src/kernel/hash.ts';
import { messageOf } from '../../src/kernel/errors.ts';
import { waitFor } from '../support/cli.ts';
import { textOf } from '../support/company-twins.ts';
import { filesOf, tablesWith } from './held-texts.ts';
import type { Program, Subject } from './program.ts';
import { noteVerdict } from './note-verdict.ts';
import { INVARIANTS } from './verdicts.ts';
import type { WatchedStream } from './watched-stream.ts';

const DRAIN_SECONDS = 60;
/** A vendor that failed is left alone for half a minute, and then asked by one probe. */
const CALM_SECONDS = 90;

/** Once the faults are off the next read must close and every invariant hold. Throws with all that is wrong. */
export async function endsWell(program: Program): Promise<void> {
  await program.twin.faults();
  let last = '';
  const read = async (): Promise<true | undefined> => {
    last = await program.read();
    return last === 'succeeded' ? true : undefined;
  };
  await waitFor('a read of a calm source to close', read, CALM_SECONDS).catch(
    async (error: unknown) => {
      const problem = `I6: ${messageOf(error)} It is ${last}.`;
      await noteVerdict(['I6'], [problem]);
      throw new Error(problem);
    },
  );
  const problems = await violations(program);
  if (problems.length > 0) throw new Error(problems.join('\n'));
}

/** Checks I1 to I8 once the faults are off. Empty: all of them hold. */
export async function violations(subject: Subject): Promise<readonly string[]> {
  const drained = await isDrained(subject);
  const found = await Promise.all([
    noLoss(subject),
    noDouble(subject),
    readBack(subject),
    noRegression(subject),
    audited(subject),
    tenancy(subject),
    noSecrets(subject),
  ]);
  const problems = [...drained, ...found.flat()];
  await noteVerdict(INVARIANTS, problems);
  return problems;
}

const read = <T>({ store, tenantId }: Subject, fn: (tx: TenantTx) => Promise<T>): Promise<T> =>
  store.readTenant(tenantId, fn);

/** I1: of every read that ended well the sums close, by the rows themselves, and nothing is held that is not there. */
async function noLoss(subject: Subject): Promise<readonly string[]> {
  const open = await read(subject, (tx) =>
    tx.sql<{ what: string }>(
      `select s.run_id || ' ' || s.stream || ' succeeded with open sums' as what from run_stream s
       where s.status = 'succeeded' and exists (select from run_page p
         where p.run_id = s.run_id and p.stream = s.stream group by p.run_id
         having sum(p.given) <> sum((select count(*) from unnest(p.outcomes) as o (outcome) where o.outcome <> 't')))
       union all
       select s.run_id || ' ' || s.stream || ' succeeded without a closed certificate' from run_stream s
       join run r on r.tenant_id = s.tenant_id and r.id = s.run_id and r.connection = $1
       where s.status = 'succeeded' and s.certificate ->> 'closed' is distinct from 'true'`,
      [subject.connection],
    ),
  );
  const problems = open.map(({ what }) => `I1: ${what}`);
  for (const watched of subject.watched) {
    const { stream } = watched;
    const [landed, records] = [await landedOf(subject, stream), await recordsOf(subject, watched)];
    const waiting = await quarantined(subject, stream);
    const lost = [...records.keys()].filter((id) => !landed.has(id) && !waiting.has(id));
    const extra = [...landed.keys()].filter((id) => !records.has(id));
    if (lost.length > 0) problems.push(`I1: ${stream} lost ${lost.join(', ')}`);
    if (extra.length > 0) problems.push(`I1: ${stream} holds ${extra.join(', ')} beyond the source`);
  }
  return problems;
} // prettier-ignore

type Records = ReadonlyMap<string, JsonObject>;

async function landedOf(subject: Subject, stream: string): Promise<Records> {
  const rows = await read(subject, (tx) =>
    tx.sql<{ id: string; data: JsonObject }>(
      `select r.record_id as id, r.data from source_record r where r.connection = $1 and r.stream = $2 and not r.deleted`,
      [subject.connection, stream],
    ),
  );
  return new Map(rows.map(({ id, data }) => [id, data]));
}

/** What the vendor has, in the names under which it lands. */
async function recordsOf({ twin }: Subject, watched: WatchedStream): Promise<Records> {
  const records = await twin.records(watched.object);
  return new Map(records.map((each) => [textOf(each, watched.idField), watched.asLanded(each)]));
}

async function quarantined(subject: Subject, stream: string): Promise<ReadonlySet<string>> {
  const rows = await read(subject, (tx) =>
    tx.sql<{ id: string }>(
      `select q.record_id as id from quarantine q where q.stream = $1 and q.status = 'open'`,
      [stream],
    ),
  );
  return new Set(rows.map(({ id }) => id));
}

/** I2: no intent made two records, and no fact stands twice. */
async function noDouble(subject: Subject): Promise<readonly string[]> {
  const made = (await subject.twin.oracle())
    .filter(({ operation, externalId }) => operation === 'create' && externalId !== null)
    .map(({ object, externalId }) => `${object} ${externalId}`);
  const twice = made.filter((each, at) => made.indexOf(each) !== at);
  const facts = await read(subject, (tx) =>
    tx.sql<{ ref: string }>(
      `select f.noun || ' ' || f.external_ref as ref from fact f where f.recorded_to = 'infinity' and f.connection = $1
       group by f.noun, f.external_ref, f.mapping_id having count(*) > 1`,
      [subject.connection],
    ),
  );
  return [...twice, ...facts.map(({ ref }) => ref)].map((each) => `I2: ${each} stands twice`);
}

/** I3: what was landed says what the source says, field by field. */
async function readBack(subject: Subject): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const watched of subject.watched) {
    const landed = await landedOf(subject, watched.stream);
    for (const [id, record] of await recordsOf(subject, watched)) {
      const held = landed.get(id) ?? {};
      const differing = Object.keys(held).filter((name) => !isSame(held[name], record[name]));
      if (differing.length > 0)
        problems.push(`I3: ${watched.stream} ${id} differs in ${differing.join(', ')}`);
    }
  }
  return problems;
}

/** Figures and instants have several spellings; objects are the vendor's own joins. */
function isSame(held: Json | undefined, given: Json | undefined): boolean {
  if (given === undefined || held === undefined || typeof held === 'object') return true;
  return spelled(held) === spelled(given);
}

function spelled(value: Json): string {
  const text = JSON.stringify(value);
  const isInstant = typeof value === 'string' && /^\d{4}-\d{2}-\d{2}T/.test(value);
  return isInstant ? String(Date.parse(value)) : text.replaceAll('"', '');
}

/** I4: nothing that we held was newer than what we hold. */
async function noRegression(subject: Subject): Promise<readonly string[]> {
  const rows = await read(subject, (tx) =>
    tx.sql<{ id: string }>(
      `select distinct r.stream || ' ' || r.record_id as id from source_record r
       join source_record_version v on v.tenant_id = r.tenant_id and v.connection = r.connection
         and v.stream = r.stream and v.record_id = r.record_id
       where v.stamp > r.stamp`,
    ),
  );
  return rows.map(({ id }) => `I4: ${id} was newer before`);
}

/** I5: the chain of the audit verifies, and whatever we applied at the vendor has an intent of ours. */
async function audited(subject: Subject): Promise<readonly string[]> {
  const broken = await subject.verifyAudit();
  const applied = (await subject.twin.oracle()).filter(({ intentId }) => intentId !== null);
  const known = await read(subject, (tx) => tx.sql<{ id: string }>(`select i.id from intent i`));
  const ids = new Set(known.map(({ id }) => id));
  const orphans = applied.filter(({ intentId }) => !ids.has(intentId ?? ''));
  return [
    ...(broken === null ? [] : [`I5: ${broken}`]),
    ...orphans.map(({ object, intentId }) => `I5: ${object} was written for ${intentId ?? ''}, which we do not know`),
  ]; // prettier-ignore
}

/** I6: with the faults off everything comes to its end. */
async function isDrained(subject: Subject): Promise<readonly string[]> {
  const open = async (): Promise<readonly string[]> =>
    (
      await read(subject, (tx) =>
        tx.sql<{ what: string }>(
          `select 'run ' || r.id as what from run r where r.status not in ('succeeded', 'failed')
           union all select 'page ' || p.stream || ' ' || p.page_number from run_page p where p.mapped_at is null
             and p.outcomes && array['c', 'u']::"char"[]
           union all select 'work ' || w.job || ' ' || w.key from outbox w
             where w.job in ('pull', 'map') and w.not_before < app.clock() + interval '1 minute'`,
        ),
      )
    ).map(({ what }) => what);
  try {
    await waitFor('all work to be done', async () => ((await open()).length === 0 ? true : undefined), DRAIN_SECONDS);
    return [];
  } catch {
    return [`I6: after ${DRAIN_SECONDS} s there is still ${(await open()).join(', ')}`];
  }
} // prettier-ignore

/** I7: other companies of the same store hold nothing of it. */
async function tenancy({ store, tenantId }: Subject): Promise<readonly string[]> {
  const problems: string[] = [];
  const others = await store.asOwner((tx) =>
    tx.sql<{ id: string }>(`select t.id from tenant t where t.id <> $1`, [tenantId]),
  );
  if (others.length === 0) problems.push('I7: there is no other company to look at');
  for (const { id } of others) {
    const [row] = await store.readTenant(id, (tx) =>
      tx.sql<{ n: number }>(
        `select ((select count(*) from source_record) + (select count(*) from fact) + (select count(*) from run)
           + (select count(*) from connection) + (select count(*) from inbox))::int as n`,
      ),
    );
    if (row?.n !== 0) problems.push(`I7: ${id} holds ${row?.n ?? 'an unknown number of'} rows`);
  }
  return problems;
}

/** I8: no secret stands in a table, in the log, in a file of the home, or in an answer. */
async function noSecrets(subject: Subject): Promise<readonly string[]> {
  const { canaries, folder, said } = subject;
  const holds = (text: string): boolean => canaries.some((canary) => text.includes(canary));
  const tables = await read(subject, (tx) =>
    tablesWith((text, values) => tx.sql(text, values), canaries),
  );
  const files = folder === null ? [] : await filesOf(folder);
  return [
    ...tables.map((table) => `I8: a secret stands in table ${table}`),
    ...(said.some(holds) ? ['I8: a secret stands in what the program said'] : []),
    ...files.filter(({ text }) => holds(text)).map(({ path }) => `I8: a secret stands in ${path}`),
  ];
}
