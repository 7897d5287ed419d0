import type { TenantTx } from '../db/store.ts';
import type { JsonObject } from '../kernel/hash.ts';
import type { ReadBackVerdict } from './compare-read-back.ts';
import type { LeasedIntent } from './dispatch.ts';
import type { Target } from './target.ts';
import { phaseAfter, READ_BACK_WAITS, sendAgainMs } from './intent-machine.ts';
import { INTENT_COLUMNS } from './intents.ts';
import { REJECTED } from './write-holds.ts';

/** The code of an intent whose record cannot be read; its group is known by it (migration 0355). */
export const READ_REFUSED = 'read_refused';

/** An intent that the other system is asked about, and since when: what it says is as old as the question. */
export interface AskedIntent extends LeasedIntent {
  readonly askedAt: Date;
}

/** Intents whose truth only the other system knows: UNKNOWN ones that are due, and applied ones not read back. */
export async function dueForReadBack(
  tx: TenantTx,
  target: Target,
  limit: number,
): Promise<readonly AskedIntent[]> {
  return tx.sql<AskedIntent>(
    `select ${INTENT_COLUMNS}, i.fence, app.clock() as "askedAt" from intent i
     where i.connection = $1 and i.object = $2 and i.not_before <= app.clock()
       and (i.state = 'UNKNOWN' or (i.state = 'APPLIED' and not i.read_back))
     order by i.created_at, i.id limit $3`,
    [target.connection, target.object, limit],
  );
}

/** The revision of each of our intent ids, by external id: what tells an older or newer one of ours from a stranger's. */
export async function revisionsOf(
  tx: TenantTx,
  externalIds: readonly string[],
): Promise<ReadonlyMap<string, ReadonlyMap<string, number>>> {
  const rows = await tx.sql<{ externalId: string; id: string; revision: number }>(
    `select i.external_id as "externalId", i.id, i.revision from intent i where i.external_id = any($1)`,
    [[...externalIds]],
  );
  const groups = Map.groupBy(rows, ({ externalId }) => externalId);
  return new Map([...groups].map(([externalId, own]) => [externalId, new Map(own.map(({ id, revision }) => [id, revision]))])); // prettier-ignore
}

/**
 * Settles intents by what was read back. Absent or incomplete after UNKNOWN: planned again, if no call could be on its
 * way any more when it was asked; until then it is asked again, at READ_BACK_WAITS after its call. Absent after the vendor said
 * "applied", or other values than ours: a conflict for a person. A newer revision of ours settles an older one.
 */
export async function settle(
  tx: TenantTx,
  verdicts: readonly { readonly intent: AskedIntent; readonly verdict: ReadBackVerdict }[],
): Promise<void> {
  const rows = verdicts.map(({ intent, verdict }) => ({
    id: intent.id,
    fence: intent.fence,
    was: intent.state,
    asked: intent.askedAt.toISOString(),
    ...settled(intent, verdict),
  }));
  await tx.run(
    `update intent i set state = case when h.state = 'PLANNED' and i.lease_until > h.asked then 'UNKNOWN' else h.state end,
       lease_until = case when not h.read_back then i.lease_until end, read_back = h.read_back, looked_at = h.asked, restored = false,
       result = case when h.vendor_id is null then i.result else coalesce(i.result, '{}') || jsonb_build_object('vendorId', h.vendor_id) end,
       error = h.error,
       settled_at = case when h.state in ('APPLIED', 'CONFLICT', 'SUPERSEDED') then app.clock() end,
       not_before = case when h.state = 'PLANNED' and i.lease_until > h.asked
         then least(i.lease_until, coalesce(
           (select i.sent_at + make_interval(secs => min(w)) from unnest($2::float8[]) w where i.sent_at + make_interval(secs => w) > app.clock()),
           app.clock() + make_interval(secs => ($2::float8[])[1])))
         else app.clock() + make_interval(secs => h.wait) end
     from jsonb_to_recordset($1::jsonb) as h (id text, fence bigint, was text, asked timestamptz, state text, read_back boolean,
       vendor_id text, error jsonb, wait float8)
     where i.id = h.id and i.fence = h.fence and i.state = h.was and not i.read_back`,
    [JSON.stringify(rows), [...READ_BACK_WAITS]],
  );
  if (rows.some(({ state }) => state === 'PLANNED')) await dropRejected(tx, rows.map(({ id }) => id)); // prettier-ignore
}

/** Of a hold that was rejected while nobody knew whether the write was out: it is not, so it never goes out. */
async function dropRejected(tx: TenantTx, ids: readonly string[]): Promise<void> {
  await tx.run(
    `update intent i set state = 'SUPERSEDED', held_back = false, settled_at = app.clock(), fence = i.fence + 1, error = ${REJECTED}
     from write_hold h where h.tenant_id = i.tenant_id and h.id = i.hold_id and h.status = 'rejected'
       and i.id = any($1) and i.held_back and i.state = 'PLANNED'`,
    [[...ids]],
  );
}

/** What the other system refuses to show is asked for again after so long, in seconds. */
const REFUSED_WAIT_S = 900;

/** The code of an intent that was not asked about, because the others of its batch were refused. */
const NOT_ASKED = 'not_asked';

/**
 * What the other system refuses to show waits with the reason, each where it stands; what was only leased is given back
 * unsent. So does what was not asked for after so many refusals, and says that.
 */
export async function putOffRefused(
  tx: TenantTx,
  {
    refused,
    unasked,
  }: {
    readonly refused: ReadonlyMap<LeasedIntent, Error>;
    readonly unasked: readonly LeasedIntent[];
  },
): Promise<void> {
  const message = `It was not asked for: its system refused ${refused.size} others before it, and showed none.`;
  const rows = [
    ...[...refused].map(([{ id, fence }, error]) => ({
      id,
      fence,
      error: { code: READ_REFUSED, message: error.message },
    })),
    ...unasked.map(({ id, fence }) => ({ id, fence, error: { code: NOT_ASKED, message } })),
  ];
  if (rows.length === 0) return;
  await tx.run(
    `update intent i set state = case i.state when 'LEASED' then 'PLANNED' else i.state end, error = h.error,
       attempts = i.attempts - case i.state when 'LEASED' then 1 else 0 end, lease_until = case when i.state <> 'LEASED' then i.lease_until end, not_before = app.clock() + make_interval(secs => $2)
     from jsonb_to_recordset($1::jsonb) as h (id text, fence bigint, error jsonb)
     where i.id = h.id and i.fence = h.fence and not i.read_back and i.state in ('LEASED', 'UNKNOWN', 'APPLIED')`,
    [JSON.stringify(rows), REFUSED_WAIT_S],
  );
}

const MOVE_OF = {
  applied: 'shown',
  absent: 'absent',
  incomplete: 'incomplete',
  conflict: 'conflicting',
  newer: 'newer',
} as const satisfies Readonly<Record<ReadBackVerdict['kind'], string>>;

/** Throws InternalError for an intent that reading back says nothing about. */
function settled(intent: AskedIntent, verdict: ReadBackVerdict) {
  const phase = phaseAfter(intent.state, MOVE_OF[verdict.kind]);
  return {
    state: phase === 'SHOWN' ? 'APPLIED' : phase,
    read_back: phase === 'SHOWN',
    vendor_id: verdict.kind === 'absent' || phase === 'PLANNED' ? null : verdict.vendorId,
    error: phase === 'CONFLICT' ? reasonOf(verdict) : null,
    wait: phase === 'PLANNED' ? sendAgainMs(intent.attempts) / 1000 : 0,
  };
}

function reasonOf(verdict: ReadBackVerdict): JsonObject {
  return verdict.kind === 'conflict' || verdict.kind === 'incomplete'
    ? { code: 'conflict', message: [verdict.reason, verdict.fields.join(', ')].filter((each) => each !== '').join(': ') } // prettier-ignore
    : {
        code: 'not_found',
        message: 'the vendor confirmed the write, and does not show it',
      };
}
