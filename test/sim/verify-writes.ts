import type { Effect } from '../../src/delivery/effect.ts';
import { externalIdOf } from '../../src/kernel/ids.ts';
import type { OracleEntry } from '../../src/sdk/twin-kit/oracle.ts';
import type { Simulation } from './simulation.ts';
import type { WrittenObject } from './writing-vendor.ts';

/** The last that was asked for of one record. */
export interface Wanted {
  readonly effect: Effect;
  readonly written: WrittenObject;
}

interface Entry {
  readonly id: string;
  readonly externalId: string;
  readonly revision: number;
  readonly state: string;
  readonly readBack: boolean;
  readonly error: string | null;
}

/** What is wrong between what was asked for, the ledger, the vendor, and what the vendor witnessed. Empty: I1 to I4 hold. */
export async function verifyWrites(
  simulation: Simulation,
  wanted: readonly Wanted[],
): Promise<readonly string[]> {
  const { store, tenantId } = simulation;
  const ledger = await store.readTenant(tenantId, (tx) =>
    tx.sql<Entry>(
      `select i.id, i.external_id as "externalId", i.revision, i.state, i.read_back as "readBack", i.error ->> 'message' as error from intent i order by i.external_id, i.revision`,
    ),
  );
  const oracle = await simulation.oracle();
  const problems = [...openOnes(ledger), ...witnessed(oracle, ledger)];
  for (const each of wanted) problems.push(...(await compare(simulation, each)));
  return problems;
}

/** I1: what was accepted is applied and seen, or another revision took its place. */
function openOnes(ledger: readonly Entry[]): readonly string[] {
  return ledger
    .filter(
      ({ state, readBack }) => !(state === 'APPLIED' && readBack) && state !== 'SUPERSEDED',
    )
    .map(({ externalId, revision, state, error }) => `lost: revision ${revision} of ${externalId} ended ${state}: ${error}`); // prettier-ignore
}

/** I2: nothing was made twice. I4: no revision came after a later one. What nobody asked for was not written. */
function witnessed(oracle: readonly OracleEntry[], ledger: readonly Entry[]): readonly string[] {
  const revisions = new Map(ledger.map((entry) => [entry.id, entry]));
  const made = new Map<string, number>();
  const newest = new Map<string, number>();
  const problems: string[] = [];
  for (const { operation, object, intentId, externalId } of oracle) {
    const entry = intentId === null ? undefined : revisions.get(intentId);
    if (entry === undefined) {
      problems.push(`nobody asked for a ${operation} of ${object} ${externalId}`);
      continue;
    }
    const before = newest.get(entry.externalId) ?? 0;
    if (entry.revision < before)
      problems.push(`old: revision ${entry.revision} of ${object} ${entry.externalId} came after ${before}`); // prettier-ignore
    newest.set(entry.externalId, Math.max(before, entry.revision));
    if (operation === 'create') made.set(entry.externalId, (made.get(entry.externalId) ?? 0) + 1);
  }
  for (const [externalId, times] of made)
    if (times > 1) problems.push(`doubled: ${externalId} was made ${times} times`);
  return problems;
}

/** I3: the vendor holds each record once, as it was asked for at last. */
async function compare(
  simulation: Simulation,
  { effect, written }: Wanted,
): Promise<readonly string[]> {
  const { tenantId } = simulation;
  const externalId = externalIdOf({ tenantId, ...effect });
  const records = (await simulation.records(written.object)).filter((record) =>
    written.externalIdField === null
      ? record['Id'] === effect.vendorId
      : record[written.externalIdField] === externalId,
  );
  const asWanted = written.markOf(effect.fields);
  const marks = records.map((record) => written.markOf(record));
  if (marks.length === 1 && marks[0] === asWanted) return [];
  const kind = marks.length > 1 ? 'doubled' : 'lost';
  return [`${kind}: ${written.object} of ${effect.canonicalId} should bear ${asWanted} and bears ${marks.join(', ') || 'nothing'}`]; // prettier-ignore
}
