import type { TenantTx } from '../db/store.ts';
import type { Effect } from '../delivery/effect.ts';
import type { MovedField, Plan } from '../delivery/plans.ts';
import { sameForm } from '../delivery/same-value.ts';
import { fieldsOf, valueAt } from '../delivery/three-way.ts';
import { HubError, messageOf, RemoteUnavailable, StoreUnavailable } from '../kernel/errors.ts';
import type { JsonObject } from '../kernel/hash.ts';
import { externalIdOf } from '../kernel/ids.ts';
import type { ReadBackRecord } from '../sdk/write.ts';
import type { PlanBody } from './deal-planning.ts';
import type { Deps } from './deps.ts';

/** What the other systems hold of the records that a plan writes. */
export interface PresentValues {
  readonly readAt: string;
  readonly records: readonly PresentRecord[];
  /** What could not be read, with the reason. */
  readonly unread: readonly { readonly connection: string; readonly object: string; readonly reason: string }[]; // prettier-ignore
}

interface PresentRecord {
  readonly connection: string;
  readonly object: string;
  readonly externalId: string;
  /** Null where there is no such record yet. */
  readonly vendorId: string | null;
  readonly fields: JsonObject | null;
}

const BATCH = 20;

/** Asks the systems what they hold now of a plan's records: one call for each object and 20 of its records. */
export async function readPresentOf(
  deps: Pick<Deps, 'sessions' | 'clock'>,
  tenantId: string,
  { effects }: Pick<PlanBody, 'effects'>,
): Promise<PresentValues> {
  const readAt = deps.clock.now().toISOString();
  const records: PresentRecord[] = [];
  const unread: PresentValues['unread'][number][] = [];
  const keyed = effects.map((effect) => ({ ...effect, externalId: externalIdOf({ tenantId, ...effect }) })); // prettier-ignore
  for (const [, list] of Map.groupBy(keyed, (each) => `${each.connection}/${each.object}`)) {
    const [{ connection, object } = { connection: '', object: '' }] = list;
    try {
      const session = await deps.sessions.of(tenantId, connection);
      for (let at = 0; at < list.length; at += BATCH) {
        const batch = list.slice(at, at + BATCH);
        const ours = batch.filter(({ vendorId }) => vendorId === null).map(({ externalId }) => externalId); // prettier-ignore
        const theirs = batch.flatMap(({ vendorId }) => vendorId ?? []);
        const held = await session.readBack(object, ours, theirs);
        records.push(...batch.map((each) => recordOf(each, held)));
      }
    } catch (error) {
      if (!(error instanceof HubError) || error instanceof StoreUnavailable) throw error;
      unread.push({ connection, object, reason: messageOf(error) });
    }
  }
  return { readAt, records, unread };
}

function recordOf(
  {
    connection,
    object,
    externalId,
    vendorId,
  }: Pick<PresentRecord, 'connection' | 'object' | 'externalId' | 'vendorId'>,
  held: readonly ReadBackRecord[],
): PresentRecord {
  const found = held.find((each) =>
    vendorId === null ? each.externalId === externalId : each.vendorId === vendorId,
  );
  return { connection, object, externalId, vendorId: found?.vendorId ?? null, fields: found?.fields ?? null }; // prettier-ignore
}

/** Keeps what was seen with the plan; `approved` as what an approval was given over. */
export async function savePresent(
  tx: TenantTx,
  id: string,
  present: PresentValues,
  approved: boolean,
): Promise<void> {
  await tx.run(
    `update plan p set present = $2, approved_present = case when $3 then $2 else p.approved_present end where p.id = $1`,
    [id, JSON.stringify(present), approved],
  );
}

/** What was seen when a person approved the plan, or when it was last looked at; null where nobody looked. */
export async function presentOf(
  tx: TenantTx,
  id: string,
): Promise<{ readonly present: PresentValues | null; readonly approved: PresentValues | null }> {
  const [row] = await tx.sql<{ present: PresentValues | null; approved: PresentValues | null }>(
    `select p.present, p.approved_present as approved from plan p where p.id = $1`,
    [id],
  );
  return row ?? { present: null, approved: null };
}

/**
 * Fields that a plan writes and that hold another value in the other system than its approver was shown; not those that
 * hold what the plan wants, or what we wrote there ourselves since the approval. None where no person approved it: then the rules of
 * fields decide at the write. Throws RemoteUnavailable where a system cannot be read: nobody knows whether it moved.
 */
export async function movedPresent(
  deps: Pick<Deps, 'store' | 'sessions' | 'clock'>,
  tenantId: string,
  plan: Plan<PlanBody>,
): Promise<readonly MovedField[]> {
  const { approved } = await deps.store.readTenant(tenantId, (tx) => presentOf(tx, plan.id));
  if (approved === null || plan.status !== 'approved') return [];
  const now = await readPresentOf(deps, tenantId, plan.body);
  if (now.unread.length > 0) throw cannotCompare(plan.id, now.unread);
  const written = await deps.store.readTenant(tenantId, (tx) =>
    writtenTo(tx, now, plan.approvedAt ?? new Date(0)),
  );
  return plan.body.effects.flatMap((effect): readonly MovedField[] => {
    const id = externalIdOf({ tenantId, ...effect });
    const of = (values: PresentValues): PresentRecord | undefined =>
      values.records.find((each) => each.externalId === id);
    const [then, current] = [of(approved), of(now)];
    return current === undefined ? [] : movedOf(effect, then, current, written.get(id));
  });
}

/** What moved of one record; `then` is undefined where its system could not be read when the plan was approved. */
function movedOf(
  { connection, object, fields: planned }: Effect,
  then: PresentRecord | undefined,
  current: PresentRecord,
  own: JsonObject | undefined,
): readonly MovedField[] {
  const path = `${connection} ${object} ${current.vendorId ?? then?.vendorId ?? current.externalId}`;
  const held = current.fields;
  if (held === null)
    return (then?.fields ?? null) === null ? [] : [{ path, approved: 'there', now: 'gone' }];
  return fieldsOf(planned).flatMap((field) => {
    const before = valueAt(then?.fields ?? {}, field) ?? null;
    const after = valueAt(held, field) ?? null;
    const wanted = valueAt(planned, field) ?? null;
    const ours = own === undefined ? undefined : valueAt(own, field);
    const isKnown = [before, wanted, ...(ours === undefined ? [] : [ours])].some((value) => sameForm(value, after)); // prettier-ignore
    if (isKnown) return [];
    const approved = then === undefined ? 'not read' : before;
    return [{ path: `${path}.${field}`, approved, now: after }];
  });
}

function cannotCompare(id: string, unread: PresentValues['unread']): RemoteUnavailable {
  const reasons = unread.map(({ connection, object, reason }) => `${connection} ${object} (${reason})`); // prettier-ignore
  return new RemoteUnavailable(
    `Plan ${id} is not applied: whether anything moved since its approval cannot be told while ${reasons.join(' and ')} cannot be read. It stays approved; apply it again once it answers.`,
    { details: { unread: unread.map((each) => ({ ...each })) } },
  );
}

/** What we wrote to these records since an instant. A value that we wrote long ago and somebody set again is theirs. */
async function writtenTo(
  tx: TenantTx,
  { records }: PresentValues,
  since: Date,
): Promise<ReadonlyMap<string, JsonObject>> {
  const rows = await tx.sql<{ id: string; payload: JsonObject }>(
    `select distinct on (i.external_id) i.external_id as id, i.payload from intent i
     where i.external_id = any($1) and i.state = 'APPLIED' and i.sent_at >= $2 order by i.external_id, i.revision desc`,
    [records.map(({ externalId }) => externalId), since],
  );
  return new Map(rows.map(({ id, payload }) => [id, payload]));
}
