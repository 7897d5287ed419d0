import type { TenantTx } from '../db/store.ts';
import type { WriteResult } from '../sdk/write.ts';
import { INTENT_COLUMNS, type Intent } from './intents.ts';
import { ABOUT_ANOTHER } from './intent-order.ts';
import { phaseAfter, phasesBefore, type IntentMove } from './intent-machine.ts';
import { outcomeOf } from './outcome-of.ts';
import { oneAtATime, parentBusy, type ParentFields } from './parent-rows.ts';
import type { Target } from './target.ts';

/** An intent in hand: its fence is checked with every change of its state. */
export interface LeasedIntent extends Intent {
  readonly fence: number;
}

/** The states that a move starts from, and the one that it leads to, as SQL. */
const before = (move: IntentMove): string =>
  `(${phasesBefore(move)
    .map((phase) => `'${phase}'`)
    .join(', ')})`;
const LOST = phasesBefore('lose').map((phase) => `when '${phase}' then '${phaseAfter(phase, 'lose')}'`).join(' '); // prettier-ignore
const TAKE_AWAY = `state = case i.state ${LOST} end, lease_until = case i.state when 'SENT' then i.lease_until end,
  not_before = app.clock(), fence = i.fence + 1, attempts = i.attempts - case i.state when 'LEASED' then 1 else 0 end`;

/** A revision of the same record that comes before intent `i`. */
const EARLIER = `intent earlier where earlier.tenant_id = i.tenant_id
  and earlier.connection = i.connection and earlier.object = i.object and earlier.external_id = i.external_id
  and earlier.revision < i.revision`;
/**
 * Asked of each intent by the key of its record: `offset 0` keeps it from becoming a join of all open intents with all, and
 * the joined text keeps the index of what is open out of it, which statistics of yesterday make look as good. With 10,000
 * that wait either would take a minute.
 */
const EARLIER_OPEN = `select from ${EARLIER} and earlier.state || '' in ('PLANNED', 'LEASED', 'SENT', 'UNKNOWN') offset 0`;
/** Another record that has to be seen as asked first (`intent-order.ts`), by its newest revision. */
const WAITS_FOR_ANOTHER = `i.after_external_id is not null and not coalesce((
  select other.state = 'APPLIED' and other.read_back from ${ABOUT_ANOTHER} order by other.revision desc limit 1), true)`;
/** A call of an earlier revision that may still be on its way: it would overwrite what is sent now. */
const EARLIER_ON_ITS_WAY = `select from ${EARLIER} and earlier.lease_until > app.clock()`;

/**
 * Takes up what another worker left behind: what was not sent is PLANNED again, what was sent is UNKNOWN, because
 * nobody knows what the other system did with it. The caller holds the target's work alone, so whoever had these is
 * dead or fenced off; the end of its lease is kept, because its call may still be on the way until then.
 */
export async function recoverLost(tx: TenantTx, target: Target): Promise<number> {
  return tx.run(
    `update intent i set ${TAKE_AWAY} where i.connection = $1 and i.object = $2 and i.state in ${before('lose')}`,
    [target.connection, target.object],
  );
}

/**
 * Takes up, in all targets, what is held by a lease that is over by the database's clock, without asking who held it:
 * the reaper. Whoever did is fenced off.
 */
export async function reapLost(tx: TenantTx): Promise<number> {
  return tx.run(
    `update intent i set ${TAKE_AWAY} where i.state in ${before('lose')} and i.lease_until <= app.clock()`,
  );
}

/**
 * Leases intents that are due for sending: per record only its lowest open revision, oldest first. A lease is held
 * until no call that is made under it can be on its way any more.
 */
export async function leasePlanned(
  tx: TenantTx,
  target: Target,
  limits: {
    readonly batch: number;
    readonly leaseSeconds: number;
    /** Mappings whose intents are left where they are: the target no longer takes what they write. */
    readonly butOf?: readonly string[];
    /** What shares a parent with a write of another object that is under way is left for later. */
    readonly parents?: ParentFields;
  },
): Promise<readonly LeasedIntent[]> {
  const { parents = {} } = limits;
  if (target.object in parents) await oneAtATime(tx, target);
  return tx.sql<LeasedIntent>(
    // The joined text makes it the index of what is planned, in the order in which it is taken, whatever the statistics say.
    // Chosen once: as a subquery of the update the choice may be made anew for each row, and exceed the batch.
    `with due as materialized (
       select i.tenant_id, i.id from intent i
       where i.connection = $1 and i.object = $2 and i.state || '' in ${before('lease')} and i.not_before <= app.clock() and not i.held_back
         and not exists (${EARLIER_OPEN}) and not exists (${EARLIER_ON_ITS_WAY}) and not (${WAITS_FOR_ANOTHER})
         and coalesce(i.mapping ->> 'id' <> all($5), true) and not ${parentBusy('$6::jsonb')}
       order by i.created_at, i.id limit $3 for update skip locked),
     leased as (update intent i set state = 'LEASED', fence = i.fence + 1,
       lease_until = app.clock() + make_interval(secs => $4), attempts = i.attempts + 1
     from due where i.tenant_id = due.tenant_id and i.id = due.id
     returning ${INTENT_COLUMNS}, i.fence)
     select * from leased order by "createdAt", id`,
    [
      target.connection,
      target.object,
      limits.batch,
      limits.leaseSeconds,
      [...(limits.butOf ?? [])],
      JSON.stringify(parents),
    ],
  );
}

/**
 * Commits SENT before the socket is written: from here on a lost answer is settled by reading back. Gives those that are
 * this worker's still: one whose lease is over is another's to send.
 */
export async function markSent(
  tx: TenantTx,
  intents: readonly LeasedIntent[],
  leaseSeconds: number,
): Promise<readonly LeasedIntent[]> {
  const held = await tx.sql<{ id: string }>(
    `update intent i set state = 'SENT', sent_at = app.clock(), lease_until = app.clock() + make_interval(secs => $2)
     from jsonb_to_recordset($1::jsonb) as h (id text, fence bigint)
     where i.id = h.id and i.fence = h.fence and i.state in ${before('send')} and i.lease_until > app.clock() returning i.id`,
    [JSON.stringify(intents.map(({ id, fence }) => ({ id, fence }))), leaseSeconds],
  );
  const ids = new Set(held.map((row) => row.id));
  return intents.filter((intent) => ids.has(intent.id));
}

/** Gives leases back unsent: the connection is closed, read-only or asks us to wait. */
export async function releaseUnsent(
  tx: TenantTx,
  intents: readonly LeasedIntent[],
  seconds: number,
): Promise<void> {
  await tx.run(
    `update intent i set state = 'PLANNED', lease_until = null, not_before = app.clock() + make_interval(secs => $2), attempts = i.attempts - 1
     from jsonb_to_recordset($1::jsonb) as h (id text, fence bigint)
     where i.id = h.id and i.fence = h.fence and i.state in ${before('release')}`,
    [JSON.stringify(intents.map(({ id, fence }) => ({ id, fence }))), seconds],
  );
}

/**
 * Records the vendor's answers. What was applied still waits for its read-back. An unknown one keeps the end of its
 * lease while its call may still be on the way.
 */
export async function recordResults(
  tx: TenantTx,
  intents: readonly LeasedIntent[],
  results: readonly WriteResult[],
): Promise<void> {
  const rows = intents.map((intent, index) => ({
    id: intent.id,
    fence: intent.fence,
    ...outcomeOf(results[index]),
  }));
  await tx.run(
    `update intent i set state = h.state, result = h.result, error = h.error, lease_until = case when h.keep then i.lease_until end,
       settled_at = case when h.state = 'QUARANTINED' then app.clock() end,
       not_before = greatest(h.come_back, app.clock() + case when h.state = 'PLANNED'
         then make_interval(secs => least(300, power(2, i.attempts)) * random())
         when h.state = 'UNKNOWN' then interval '1 second' else interval '0' end)
     from jsonb_to_recordset($1::jsonb) as h (id text, fence bigint, state text, keep boolean, result jsonb, error jsonb,
       come_back timestamptz)
     where i.id = h.id and i.fence = h.fence and i.state in ${before('unanswered')}`,
    [JSON.stringify(rows)],
  );
}

/**
 * The call failed without an answer: every intent of the batch is UNKNOWN until it is read back. Unless `mayArrive` is
 * false the end of the lease stays: until then, finding nothing does not mean that nothing comes.
 */
export async function markUnknown(
  tx: TenantTx,
  intents: readonly LeasedIntent[],
  error: { readonly code: string; readonly message: string },
  mayArrive = true,
): Promise<void> {
  await tx.run(
    `update intent i set state = 'UNKNOWN', error = $2, lease_until = case when $3 then i.lease_until end, not_before = app.clock() + interval '1 second'
     from jsonb_to_recordset($1::jsonb) as h (id text, fence bigint)
     where i.id = h.id and i.fence = h.fence and i.state in ${before('unanswered')}`,
    [
      JSON.stringify(intents.map(({ id, fence }) => ({ id, fence }))),
      JSON.stringify(error),
      mayArrive,
    ],
  );
}

/** When the next open intent of a target is due; null when none is open, but for those of some mappings. One that waits for an earlier revision counts with that. */
export async function nextDue(
  tx: TenantTx,
  target: Target,
  butOf: readonly string[] = [],
): Promise<Date | null> {
  const [row] = await tx.sql<{ at: Date | null }>(
    `select min(case when i.state = 'PLANNED'
         then greatest(i.not_before, (select max(earlier.lease_until) from ${EARLIER})) else i.not_before end) as at
     from intent i
     where i.connection = $1 and i.object = $2
       and (i.state in ('LEASED', 'SENT', 'UNKNOWN') or (i.state = 'APPLIED' and not i.read_back)
         or (i.state = 'PLANNED' and not i.held_back and not exists (${EARLIER_OPEN}) and not (${WAITS_FOR_ANOTHER}) and coalesce(i.mapping ->> 'id' <> all($3), true)))`,
    [target.connection, target.object, [...butOf]],
  );
  return row?.at ?? null;
}

/** Says on the intents of a mapping that are not sent why they wait. */
export async function explainBlocked(
  tx: TenantTx,
  target: Target,
  mappingId: string,
  error: { readonly code: string; readonly message: string; readonly field: string },
): Promise<number> {
  return tx.run(
    `update intent i set error = $4 where i.connection = $1 and i.object = $2 and i.state = 'PLANNED'
       and not i.held_back and i.mapping ->> 'id' = $3 and i.error is distinct from $4::jsonb`,
    [target.connection, target.object, mappingId, JSON.stringify(error)],
  );
}

/** Every target that has open intents, for the sweep. */
export async function openTargets(tx: TenantTx): Promise<readonly Target[]> {
  return tx.sql<Target>(
    `select distinct i.connection, i.object from intent i
     where i.state in ('LEASED', 'SENT', 'UNKNOWN') or (i.state = 'PLANNED' and not i.held_back)
       or (i.state = 'APPLIED' and not i.read_back)`,
  );
}
