import { expect } from '@jest/globals';
import type { Json, JsonObject } from '../../src/kernel/hash.ts';
import { externalIdOf } from '../../src/kernel/ids.ts';
import type { OracleEntry } from '../../src/sdk/twin-kit/oracle.ts';
import type { Rig } from '../kills/rig.ts';
import { waitFor } from '../support/cli.ts';
import { filesOf, tablesWith } from './held-texts.ts';
import { canaryOf } from './program.ts';
import type { QueueServer } from './backends.ts';
import { noteVerdict } from './note-verdict.ts';
import { INVARIANTS } from './verdicts.ts';

// I1 to I8 of what real workers wrote, by the store's rows, the vendors' records and the vendors' own witness.

/** What a delivery has not come to the end of. */
export const OPEN = `(state in ('PLANNED', 'LEASED', 'SENT', 'UNKNOWN') or (state = 'APPLIED' and not read_back))`;
const DRAIN_SECONDS = 240;

interface Row {
  readonly tenantId: string;
  readonly id: string;
  readonly connection: string;
  readonly object: string;
  readonly canonicalId: string;
  readonly externalId: string;
  readonly vendorId: string | null;
  readonly revision: number;
  readonly state: string;
  readonly readBack: boolean;
  readonly payload: JsonObject;
  readonly error: string | null;
}

export interface Expected {
  /** Ids of intents that rightly ended as conflicts or in quarantine. */
  readonly refused?: readonly string[];
  /** Records that a person has changed since, by their vendor's ids. */
  readonly changed?: readonly string[];
}

/** Every intent that is there, of all companies, oldest revision first. */
export const intentsOf = (rig: Pick<Rig, 'rows'>): Promise<readonly Row[]> =>
  rig.rows<Row>(
    `select i.tenant_id as "tenantId", i.id, i.connection, i.object, i.canonical_id as "canonicalId", i.external_id as "externalId",
       coalesce(i.vendor_id, i.result ->> 'vendorId') as "vendorId", i.revision, i.state, i.read_back as "readBack", i.payload,
       concat_ws(' ', i.error ->> 'code', i.error ->> 'message') as error from intent i order by i.tenant_id, i.external_id, i.revision`,
  ); // prettier-ignore

/** What both vendors witnessed, each in its own order. */
export const oracleOf = async (rig: Rig): Promise<readonly OracleEntry[]> => [
  ...(await rig.crm.oracle()),
  ...(await rig.erp.oracle()),
];

/** Lets what is open come to its end, and then demands I1 to I8. */
export async function endsWell(rig: Rig, queue: QueueServer, expected: Expected = {}): Promise<void> {
  const drained = await isDrained(rig);
  const [rows, oracle] = [await intentsOf(rig), await oracleOf(rig)];
  const problems = [
    ...drained,
    ...noLoss(rows, expected),
    ...noDouble(rows, oracle),
    ...(await readBack(rig, rows, expected)),
    ...noRegression(rows, oracle),
    ...(await audited(rig, rows, oracle)),
    ...(await tenancy(rig, rows)),
    ...(await noSecrets(rig, queue)),
  ];
  await noteVerdict(INVARIANTS, problems);
  expect(problems).toEqual([]);
} // prettier-ignore

/** I6: all work ends, once what dead processes may have on its way is taken for ended. */
async function isDrained(rig: Rig): Promise<readonly string[]> {
  const open = () => rig.rows<{ text: string }>(`select tenant_id || ' ' || object || ' ' || state || ' ' || coalesce(error::text, '') as text from intent where ${OPEN} limit 5`); // prettier-ignore
  const isDone = async (): Promise<true | undefined> => {
    const left = await open().catch(() => null);
    if (left !== null && left.length === 0) return true;
    await rig.endLeases().catch(() => undefined);
    return undefined;
  };
  if ((await open()).length === 0) return [];
  const worker = await rig.startWorker();
  try {
    await waitFor('every effect to be shown', isDone, DRAIN_SECONDS);
    return [];
  } catch {
    return (await open()).map(({ text }) => `I6: still open: ${text}`);
  } finally {
    await worker.kill();
  }
}

/** I1: each was applied and seen, or another revision took its place. */
function noLoss(rows: readonly Row[], { refused = [] }: Expected): readonly string[] {
  return rows
    .filter(({ state, readBack: seen }) => !(state === 'APPLIED' && seen) && state !== 'SUPERSEDED')
    .filter(({ id }) => !refused.includes(id))
    .map(({ tenantId, object, id, state, error }) => `I1: ${tenantId} ${object} ${id} ended ${state}: ${error ?? ''}`); // prettier-ignore
}

/** I2: no intent took effect twice, and no record was made twice. */
function noDouble(rows: readonly Row[], oracle: readonly OracleEntry[]): readonly string[] {
  const ours = oracle.filter(({ intentId }) => intentId !== null);
  const made = oracle.filter(({ operation, externalId }) => operation === 'create' && externalId !== null); // prettier-ignore
  const twice = (entries: readonly OracleEntry[], by: (entry: OracleEntry) => string) =>
    [...Map.groupBy(entries, by)].filter(([, each]) => each.length > 1).map(([name]) => name);
  const isOurs = new Set(rows.map(({ externalId }) => externalId));
  return [
    ...twice(ours, ({ object, intentId }) => `${object} intent ${intentId ?? ''}`),
    ...twice(made.filter(({ externalId }) => isOurs.has(externalId ?? '')), ({ object, externalId }) => `${object} ${externalId ?? ''}`),
  ].map((name) => `I2: ${name} twice`); // prettier-ignore
}

const newest = (rows: readonly Row[]): readonly Row[] =>
  [...Map.groupBy(rows, ({ externalId }) => externalId).values()].flatMap(
    (each) => each.filter(({ state }) => state === 'APPLIED').at(-1) ?? [],
  );

/** I3: the vendor's record says what the newest applied revision of it says. */
async function readBack(rig: Rig, rows: readonly Row[], { changed = [] }: Expected): Promise<readonly string[]> {
  const records = new Map<string, ReadonlyMap<string, JsonObject>>();
  for (const object of new Set(rows.map((row) => row.object))) {
    const system = rows.find((row) => row.object === object)?.connection === 'erp' ? rig.erp : rig.crm;
    records.set(object, new Map((await system.records(object)).map((each) => [spelled(each['Id'] ?? each['id']), each])));
  }
  return newest(rows)
    .filter(({ vendorId }) => !changed.includes(vendorId ?? ''))
    .flatMap(({ object, vendorId, payload, id }) => {
      const record = records.get(object)?.get(vendorId ?? '');
      if (record === undefined) return [`I3: ${object} of ${id} is not at the vendor's`];
      const differing = Object.keys(payload).filter((name) => isPlain(payload[name]) && spelled(payload[name]) !== spelled(record[name]));
      return differing.length === 0 ? [] : [`I3: ${object} ${vendorId ?? ''} differs in ${differing.join(', ')}`];
    });
} // prettier-ignore

/** A figure has the same spelling as the text of it. */
const spelled = (value: Json | undefined): string =>
  JSON.stringify(value ?? null).replaceAll('"', '');
const isPlain = (value: Json | undefined): boolean => value !== null && typeof value !== 'object';

/** I4: no revision reached a vendor after a later one of the same record. */
function noRegression(rows: readonly Row[], oracle: readonly OracleEntry[]): readonly string[] {
  const known = new Map(rows.map((row) => [row.id, row]));
  const latest = new Map<string, number>();
  return oracle.flatMap(({ intentId, object }) => {
    const row = known.get(intentId ?? '');
    if (row === undefined) return [];
    const before = latest.get(row.externalId) ?? 0;
    latest.set(row.externalId, Math.max(before, row.revision));
    return row.revision < before ? [`I4: revision ${row.revision} of ${object} ${row.externalId} came after ${before}`] : [];
  }); // prettier-ignore
}

/** I5: the audit verifies; whatever was witnessed has its intent; what says that it was applied was witnessed. */
async function audited(rig: Rig, rows: readonly Row[], oracle: readonly OracleEntry[]): Promise<readonly string[]> {
  const chains = await Promise.all(rig.tenants.map((id) => rig.verifyAudit(id)));
  const known = new Set(rows.map(({ id }) => id));
  const seen = new Set(oracle.map(({ intentId }) => intentId));
  const strange = oracle.filter(({ intentId }) => intentId !== null && !known.has(intentId));
  const empty = rows.filter(({ state, id }) => state === 'APPLIED' && !seen.has(id));
  return [
    ...chains.flatMap((problem) => (problem === null ? [] : [`I5: ${problem}`])),
    ...strange.map(({ object, intentId }) => `I5: ${object} was written for ${intentId ?? ''}, which nobody knows`),
    ...empty.map(({ object, id }) => `I5: ${object} ${id} says that it was applied, and no vendor saw it`),
  ];
} // prettier-ignore

/** I7: every effect bears its own company's key, and each vendor's record was written by one company alone. */
async function tenancy(rig: Rig, rows: readonly Row[]): Promise<readonly string[]> {
  const foreign = rows.filter((row) => row.externalId !== externalIdOf(row));
  const byRecord = Map.groupBy(rows.filter(({ vendorId }) => vendorId !== null), ({ object, vendorId }) => `${object} ${vendorId ?? ''}`); // prettier-ignore
  const shared = [...byRecord].filter(([, each]) => new Set(each.map(({ tenantId }) => tenantId)).size > 1); // prettier-ignore
  const others = await rig.rows<{ n: number }>(`select count(*)::int as n from intent where tenant_id <> all($1)`, [rig.tenants]); // prettier-ignore
  return [
    ...foreign.map(({ id, tenantId }) => `I7: ${id} of ${tenantId} bears another company's key`),
    ...shared.map(([name]) => `I7: ${name} was written by two companies`),
    ...(others[0]?.n === 0 ? [] : ['I7: a company that asked for nothing has intents']),
  ];
}

/** I8: no secret of a connection in a table, in the queue, in what workers said, or in a file of the home. */
async function noSecrets(rig: Rig, queue: QueueServer): Promise<readonly string[]> {
  const texts: [place: string, text: string][] = [['the queue', await queue.dump(rig.db)]];
  for (const said of rig.said()) texts.push(['what a worker said', said]);
  for (const { path, text } of await filesOf(rig.folder)) texts.push([path, text]);
  const secrets = [rig.crm, rig.erp].flatMap(({ running }) => Object.values(running.credentials.secrets));
  const canaries = secrets.map(canaryOf);
  return [
    ...texts.filter(([, text]) => canaries.some((canary) => text.includes(canary))).map(([place]) => `I8: a secret stands in ${place}`),
    ...(await tablesWith((sql, values) => rig.rows(sql, values), canaries)).map((table) => `I8: a secret stands in table ${table}`),
  ];
} // prettier-ignore
