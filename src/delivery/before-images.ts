import type { TenantTx } from '../db/store.ts';
import type { JsonObject } from '../kernel/hash.ts';
import type { LeasedIntent } from './dispatch.ts';

/** What the other system held before a mapping version wrote a record for the first time. */
export type BeforeImage =
  | { readonly absent: true }
  | { readonly absent?: undefined; readonly vendorId: string; readonly fields: JsonObject };

/** Intents whose record has to be looked at before they are sent, and those whose record cannot be there. */
export interface BeforeWork {
  readonly toRead: readonly LeasedIntent[];
  readonly absent: readonly LeasedIntent[];
}

/**
 * Which of these intents are the first that their mapping version sends about their record, so that the record as it is
 * now must be kept. One that nobody ever wrote under our external id is not there.
 */
export async function beforeWork(
  tx: TenantTx,
  intents: readonly LeasedIntent[],
): Promise<BeforeWork> {
  const mapped = intents.filter(({ mapping }) => mapping !== null);
  if (mapped.length === 0) return { toRead: [], absent: [] };
  const rows = await tx.sql<{ id: string; written: boolean; known: boolean }>(
    `select i.id, coalesce(bool_or(e.sent_at is not null), false) as written,
       i.before_image is not null or coalesce(bool_or(e.sent_at is not null and e.mapping = i.mapping), false) as known
     from intent i left join intent e on e.tenant_id = i.tenant_id and e.connection = i.connection and e.object = i.object
       and e.external_id = i.external_id and e.revision < i.revision
     where i.id = any($1) group by i.tenant_id, i.id`,
    [mapped.map(({ id }) => id)],
  );
  const open = new Map(rows.filter(({ known }) => !known).map((row) => [row.id, row]));
  const unknown = mapped.filter(({ id }) => open.has(id));
  const isNew = ({ id, vendorId }: LeasedIntent): boolean =>
    vendorId === null && open.get(id)?.written === false;
  return {
    toRead: unknown.filter((intent) => !isNew(intent)),
    absent: unknown.filter(isNew),
  };
}

/** Keeps what was there. A worker that lost its lease changes nothing. */
export async function saveBefore(
  tx: TenantTx,
  images: readonly { readonly intent: LeasedIntent; readonly image: BeforeImage }[],
): Promise<void> {
  if (images.length === 0) return;
  const rows = images.map(({ intent: { id, fence }, image }) => ({ id, fence, image }));
  await tx.run(
    `update intent i set before_image = h.image from jsonb_to_recordset($1::jsonb) as h (id text, fence bigint, image jsonb)
     where i.id = h.id and i.fence = h.fence and i.state = 'LEASED'`,
    [JSON.stringify(rows)],
  );
}
