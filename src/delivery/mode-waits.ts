import type { TenantTx } from '../db/store.ts';
import { StaleError } from '../kernel/errors.ts';
import type { LeasedIntent } from './dispatch.ts';
import { DROPPED } from './drop-unsent.ts';
import type { EffectSubject } from './effect.ts';
import { getIntent } from './intents.ts';
import type { Target } from './target.ts';

/** The code under which a write says that it waits for its mode. Other words may have taken its place since. */
const WAITS = 'waits_for_mode';
/** A write that waits for its mode: kept back, and by no hold that is open. */
const IS_WAITING = `i.state = 'PLANNED' and i.held_back and not exists (
  select from write_hold h where h.tenant_id = i.tenant_id and h.id = i.hold_id and h.status = 'open')`;

/** What record `i` is about: as its intent says, else as the newest one of it that does. In SQL. */
export const ABOUT = `coalesce(i.about, (select known.about from intent known where known.tenant_id = i.tenant_id
  and known.connection = i.connection and known.object = i.object and known.external_id = i.external_id
  and known.about is not null order by known.revision desc limit 1))`;

/** A write that is not sent yet, as far as its mode is asked of it. */
export interface UnsentWrite {
  readonly id: string;
  readonly connection: string;
  readonly planId: string | null;
  readonly about: EffectSubject | null;
  readonly waits: boolean;
}

const COLUMNS = `i.id, i.connection, i.plan_id as "planId", ${ABOUT} as about, (${IS_WAITING}) as waits`;

/** Writes that are not sent yet and that no hold keeps back: these, those that wait for their mode, or all. No row of them is locked. */
export async function unsentWrites(
  tx: TenantTx,
  which: readonly string[] | 'waiting' | null,
): Promise<readonly UnsentWrite[]> {
  if (which === 'waiting') return tx.sql<UnsentWrite>(`select ${COLUMNS} from intent i where ${IS_WAITING}`); // prettier-ignore
  return tx.sql<UnsentWrite>(
    which === null
      ? `select ${COLUMNS} from intent i where i.state = 'PLANNED' and (not i.held_back or ${IS_WAITING})`
      : `select ${COLUMNS} from intent i where i.id = any($1)`,
    which === null ? [] : [[...which]],
  );
}

/** Keeps writes back until their mode lets them out, and says on each what it waits for. */
export async function waitForMode(
  tx: TenantTx,
  waiting: readonly { readonly id: string; readonly message: string }[],
): Promise<void> {
  if (waiting.length === 0) return;
  await tx.run(
    `update intent i set held_back = true, error = jsonb_build_object('code', '${WAITS}', 'message', n.message)
     from jsonb_to_recordset($1::jsonb) as n (id text, message text)
     where i.id = n.id and i.state = 'PLANNED' and (not i.held_back or i.error ->> 'message' is distinct from n.message)`,
    [JSON.stringify(waiting)],
  );
}

/** Puts leased ones back to wait for their mode: they were not sent, and taking them up was no try. */
export async function putBackForMode(
  tx: TenantTx,
  leased: readonly (Pick<LeasedIntent, 'id' | 'fence'> & { readonly message: string })[],
): Promise<void> {
  if (leased.length === 0) return;
  await tx.run(
    `update intent i set state = 'PLANNED', lease_until = null, attempts = greatest(i.attempts - 1, 0), held_back = true,
       error = jsonb_build_object('code', '${WAITS}', 'message', n.message)
     from jsonb_to_recordset($1::jsonb) as n (id text, fence bigint, message text)
     where i.id = n.id and i.fence = n.fence and i.state = 'LEASED'`,
    [JSON.stringify(leased.map(({ id, fence, message }) => ({ id, fence, message })))],
  );
}

/** Lets go what waited for its mode. Returns where there is something to send. */
export async function letGo(tx: TenantTx, ids: readonly string[]): Promise<readonly Target[]> {
  const rows = await tx.sql<Target>(
    `update intent i set held_back = false, error = null, not_before = app.clock() where i.id = any($1) and ${IS_WAITING}
     returning i.connection, i.object`,
    [[...ids]],
  );
  return [...new Map(rows.map((row) => [`${row.connection}/${row.object}`, row])).values()];
}

/**
 * Drops a write that waits for its mode: a person's word. What a run asks for again as it was stays dropped, as with a run that
 * was rejected; a plan that asks for it again is another word of a person, and plans it again. Throws NotFoundError, and
 * StaleError for one that waits for something else or was sent before.
 */
export async function dropWaiting(tx: TenantTx, id: string): Promise<void> {
  const dropped = await tx.run(
    `update intent i set state = 'SUPERSEDED', held_back = false,
       payload_hash = case when i.plan_id is null then i.payload_hash else '' end, settled_at = app.clock(), fence = i.fence + 1,
       error = jsonb_build_object('code', '${DROPPED}', 'message', 'Somebody dropped it while it waited for its mode.')
     where i.id = $1 and ${IS_WAITING}`,
    [id],
  );
  if (dropped > 0) return;
  const { state } = await getIntent(tx, id);
  throw new StaleError(
    `Intent ${id} is ${state} and does not wait for a mode. Only what a mode keeps back is dropped.`,
  );
}
