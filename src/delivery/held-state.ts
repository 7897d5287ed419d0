import type { TenantTx } from '../db/store.ts';
import type { JsonObject } from '../kernel/hash.ts';
import type { ReadBackRecord } from '../sdk/write.ts';
import type { LeasedIntent } from './dispatch.ts';

/** What a vendor held of a record when an intent was last about to be sent. */
export interface HeldState {
  /** The vendor's own version of it; null where there is none. */
  readonly version: string | null;
  readonly fields: JsonObject;
}

/** Keeps what the vendor held just before a send. A worker that lost its lease changes nothing. */
export async function keepHeld(
  tx: TenantTx,
  seen: readonly { readonly intent: LeasedIntent; readonly record: ReadBackRecord }[],
): Promise<void> {
  if (seen.length === 0) return;
  const rows = seen.map(({ intent: { id, fence }, record: { version = null, fields } }) => ({
    id,
    fence,
    held: { version, fields },
  }));
  await tx.run(
    `update intent i set held = h.held from jsonb_to_recordset($1::jsonb) as h (id text, fence bigint, held jsonb)
     where i.id = h.id and i.fence = h.fence and i.state = 'LEASED'`,
    [JSON.stringify(rows)],
  );
}

/** What proving by state needs to know of an intent. */
export interface SentOver {
  /** Null for one that was never about to be sent. */
  readonly held: HeldState | null;
  /** True once a later revision was sent: the record is as that one asked by now. */
  readonly overtaken: boolean;
  /** True where the ledger was restored since: it may have been sent, and undone by somebody. */
  readonly restored?: boolean;
}

/** What these intents were sent over, by intent id. */
export async function sentOver(
  tx: TenantTx,
  ids: readonly string[],
): Promise<ReadonlyMap<string, SentOver>> {
  const rows = await tx.sql<SentOver & { readonly id: string }>(
    `select i.id, i.held, i.restored, exists (select from intent l where l.tenant_id = i.tenant_id and l.connection = i.connection
       and l.object = i.object and l.external_id = i.external_id and l.revision > i.revision and l.sent_at is not null) as overtaken
     from intent i where i.id = any($1)`,
    [[...ids]],
  );
  return new Map(rows.map(({ id, ...rest }) => [id, rest]));
}
