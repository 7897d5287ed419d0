import type { TenantTx } from '../db/store.ts';
import type { JsonObject } from '../kernel/hash.ts';
import type { WriteResult } from '../sdk/write.ts';
import type { ReadBackVerdict } from './compare-read-back.ts';
import { INTENT_COLUMNS, type Intent } from './intents.ts';
import { outcomeOf } from './outcome-of.ts';

/** Where a batch of intents goes. */
export interface Target {
  readonly connection: string;
  readonly object: string;
}

/** An intent in hand: its fence is checked with every change of its state. */
export interface LeasedIntent extends Intent {
  readonly fence: number;
}

/** Waits between read-backs of an unknown effect (after Kill Bill's janitor). */
const READ_BACK_WAITS = ['1 second', '15 seconds', '3 minutes', '1 hour', '1 day'];

/** A revision of the same record that comes before intent `i`. */
const EARLIER = `intent earlier where earlier.tenant_id = i.tenant_id
  and earlier.connection = i.connection and earlier.object = i.object and earlier.external_id = i.external_id
  and earlier.revision < i.revision`;
const EARLIER_OPEN = `select from ${EARLIER} and earlier.state in ('PLANNED', 'LEASED', 'SENT', 'UNKNOWN')`;
/** A call of an earlier revision that may still be on its way: it would overwrite what is sent now. */
const EARLIER_ON_ITS_WAY = `select from ${EARLIER} and earlier.lease_until > app.clock()`;

/**
 * Takes up what another worker left behind: what was not sent is PLANNED again, what was sent is UNKNOWN, because
 * nobody knows what the other system did with it. The caller holds the target's work alone, so whoever had these is
 * dead or fenced off; the end of its lease is kept, because its call may still be on the way until then.
 */
export async function recoverLost(tx: TenantTx, target: Target): Promise<number> {
  return tx.run(
    `update intent i set state = case i.state when 'LEASED' then 'PLANNED' else 'UNKNOWN' end,
       lease_until = case i.state when 'SENT' then i.lease_until end, not_before = app.clock(), fence = i.fence + 1
     where i.connection = $1 and i.object = $2 and i.state in ('LEASED', 'SENT')`,
    [target.connection, target.object],
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
  },
): Promise<readonly LeasedIntent[]> {
  return tx.sql<LeasedIntent>(
    `update intent i set state = 'LEASED', fence = i.fence + 1,
       lease_until = app.clock() + make_interval(secs => $4), attempts = i.attempts + 1
     where (i.tenant_id, i.id) in (
       select i.tenant_id, i.id from intent i
       where i.connection = $1 and i.object = $2 and i.state = 'PLANNED' and i.not_before <= app.clock()
         and not exists (${EARLIER_OPEN}) and not exists (${EARLIER_ON_ITS_WAY})
         and coalesce(i.mapping ->> 'id' <> all($5), true)
       order by i.created_at, i.id limit $3 for update skip locked)
     returning ${INTENT_COLUMNS}, i.fence`,
    [
      target.connection,
      target.object,
      limits.batch,
      limits.leaseSeconds,
      [...(limits.butOf ?? [])],
    ],
  );
}

/** Commits SENT before the socket is written: from here on a lost answer is settled by reading back. */
export async function markSent(
  tx: TenantTx,
  intents: readonly LeasedIntent[],
  leaseSeconds: number,
): Promise<readonly LeasedIntent[]> {
  const held = await tx.sql<{ id: string }>(
    `update intent i set state = 'SENT', sent_at = app.clock(), lease_until = app.clock() + make_interval(secs => $2)
     from jsonb_to_recordset($1::jsonb) as h (id text, fence bigint)
     where i.id = h.id and i.fence = h.fence and i.state = 'LEASED' returning i.id`,
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
    `update intent i set state = 'PLANNED', lease_until = null, not_before = app.clock() + make_interval(secs => $2)
     from jsonb_to_recordset($1::jsonb) as h (id text, fence bigint)
     where i.id = h.id and i.fence = h.fence and i.state = 'LEASED'`,
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
       not_before = app.clock() + case when h.state = 'PLANNED'
         then make_interval(secs => least(300, power(2, i.attempts)) * (0.5 + random() / 2))
         when h.state = 'UNKNOWN' then interval '1 second' else interval '0' end
     from jsonb_to_recordset($1::jsonb) as h (id text, fence bigint, state text, keep boolean, result jsonb, error jsonb)
     where i.id = h.id and i.fence = h.fence and i.state = 'SENT'`,
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
     where i.id = h.id and i.fence = h.fence and i.state = 'SENT'`,
    [
      JSON.stringify(intents.map(({ id, fence }) => ({ id, fence }))),
      JSON.stringify(error),
      mayArrive,
    ],
  );
}

/** Intents whose truth only the other system knows: UNKNOWN ones that are due, and applied ones not read back. */
export async function dueForReadBack(
  tx: TenantTx,
  target: Target,
  limit: number,
): Promise<readonly LeasedIntent[]> {
  return tx.sql<LeasedIntent>(
    `select ${INTENT_COLUMNS}, i.fence from intent i
     where i.connection = $1 and i.object = $2 and i.not_before <= app.clock()
       and (i.state = 'UNKNOWN' or (i.state = 'APPLIED' and not i.read_back))
     order by i.created_at, i.id limit $3`,
    [target.connection, target.object, limit],
  );
}

/** Our intent ids for some external ids: what tells an older revision of ours from a stranger's. */
export async function intentIdsOf(
  tx: TenantTx,
  externalIds: readonly string[],
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const rows = await tx.sql<{ externalId: string; ids: string[] }>(
    `select i.external_id as "externalId", array_agg(i.id) as ids from intent i where i.external_id = any($1) group by 1`,
    [[...externalIds]],
  );
  return new Map(rows.map((row) => [row.externalId, new Set(row.ids)]));
}

/**
 * Settles intents by what was read back. Absent or incomplete after UNKNOWN: planned again, once no call can be on its
 * way any more; until then it is asked again, every 15 s at last. Absent after the vendor said "applied", or other values than ours: a conflict for a person. A newer
 * revision of ours settles an older one.
 */
export async function settle(
  tx: TenantTx,
  verdicts: readonly { readonly intent: LeasedIntent; readonly verdict: ReadBackVerdict }[],
): Promise<void> {
  const rows = verdicts.map(({ intent, verdict }) => ({
    id: intent.id,
    fence: intent.fence,
    ...settled(intent, verdict),
  }));
  await tx.run(
    `update intent i set state = case when h.state = 'PLANNED' and i.lease_until > app.clock() then 'UNKNOWN' else h.state end,
       lease_until = case when h.state <> 'APPLIED' then i.lease_until end, read_back = h.read_back,
       result = case when h.vendor_id is null then i.result else coalesce(i.result, '{}') || jsonb_build_object('vendorId', h.vendor_id) end,
       error = h.error, attempts = i.attempts + case when i.state = 'UNKNOWN' and (i.lease_until > app.clock()) is not true then 1 else 0 end,
       settled_at = case when h.state in ('APPLIED', 'CONFLICT', 'SUPERSEDED') then app.clock() end,
       not_before = case when h.state = 'PLANNED' and i.lease_until > app.clock()
         then least(i.lease_until, app.clock() + least(interval '15 seconds', greatest(interval '1 second', app.clock() - i.sent_at)))
         else app.clock() + h.wait::interval end
     from jsonb_to_recordset($1::jsonb) as h (id text, fence bigint, state text, read_back boolean, vendor_id text, error jsonb, wait text)
     where i.id = h.id and i.fence = h.fence and i.state in ('UNKNOWN', 'APPLIED')`,
    [JSON.stringify(rows)],
  );
}

function settled(intent: LeasedIntent, verdict: ReadBackVerdict): JsonObject {
  switch (verdict.kind) {
    case 'applied':
      return {
        state: 'APPLIED',
        read_back: true,
        vendor_id: verdict.vendorId,
        error: null,
        wait: '0',
      };
    case 'incomplete':
      return intent.state === 'UNKNOWN' ? plannedAgain(intent) : conflict(verdict);
    case 'conflict':
      return conflict(verdict);
    case 'absent':
      return intent.state === 'UNKNOWN'
        ? plannedAgain(intent)
        : {
            state: 'CONFLICT',
            read_back: false,
            vendor_id: null,
            error: {
              code: 'not_found',
              message: 'the vendor confirmed the write, and does not show it',
            },
            wait: '0',
          };
  }
}

function plannedAgain({ attempts }: LeasedIntent): JsonObject {
  const wait = READ_BACK_WAITS[Math.min(attempts - 1, READ_BACK_WAITS.length - 1)] ?? '1 second';
  return { state: 'PLANNED', read_back: false, vendor_id: null, error: null, wait };
}

function conflict(
  verdict: Extract<ReadBackVerdict, { readonly kind: 'conflict' | 'incomplete' }>,
): JsonObject {
  return {
    state: 'CONFLICT',
    read_back: false,
    vendor_id: verdict.vendorId,
    error: { code: 'conflict', message: `${verdict.reason}: ${verdict.fields.join(', ')}` },
    wait: '0',
  };
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
         or (i.state = 'PLANNED' and not exists (${EARLIER_OPEN}) and coalesce(i.mapping ->> 'id' <> all($3), true)))`,
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
       and i.mapping ->> 'id' = $3 and i.error is distinct from $4::jsonb`,
    [target.connection, target.object, mappingId, JSON.stringify(error)],
  );
}

/** Every target that has open intents, for the sweep. */
export async function openTargets(tx: TenantTx): Promise<readonly Target[]> {
  return tx.sql<Target>(
    `select distinct i.connection, i.object from intent i
     where i.state in ('PLANNED', 'LEASED', 'SENT', 'UNKNOWN') or (i.state = 'APPLIED' and not i.read_back)`,
  );
}
