import type { TenantTx } from '../db/store.ts';
import type { Json, JsonObject } from '../kernel/hash.ts';
import type { IntentState } from './intent-machine.ts';
import { fieldsOf, valueAt, type DecidedField } from './three-way.ts';

/** One field of a record that is brought back. */
interface RestoredField {
  readonly field: string;
  /** `kept`: somebody else changed it since. `same`: it was so already. `waits`: it is not sent yet. */
  readonly did: 'restored' | 'kept' | 'same' | 'waits';
  /** What it was before the undone versions wrote it. */
  readonly before: Json;
  /** What those versions wrote last. */
  readonly written: Json;
  /** What the other system held when it was decided; null while it waits. */
  readonly now: Json;
}

/** A record that a request brings back, and how far it is. */
export interface RestoredRecord {
  readonly connection: string;
  readonly object: string;
  readonly externalId: string;
  readonly canonicalId: string;
  readonly vendorId: string | null;
  readonly state: IntentState;
  readonly fields: readonly RestoredField[];
}

type Row = Omit<RestoredRecord, 'fields'> & {
  readonly payload: JsonObject;
  readonly decided: readonly DecidedField[];
  readonly expects: Readonly<Record<string, readonly Json[]>>;
};

/** A restored record is the newest revision that a request asked for without a plan. */
const RESTORED = `select distinct on (i.external_id) i.connection, i.object, i.external_id as "externalId",
    i.canonical_id as "canonicalId", coalesce(i.vendor_id, i.result ->> 'vendorId') as "vendorId", i.state, i.payload,
    i.decided, i.expects
  from intent i where i.change_id = $1 and i.plan_id is null and i.state <> 'SUPERSEDED'`;

/** The records that a request brings back, by external id. */
export async function restoredBy(
  tx: TenantTx,
  changeId: string,
  page: { readonly after?: string | undefined; readonly limit: number },
): Promise<readonly RestoredRecord[]> {
  const rows = await tx.sql<Row>(
    `${RESTORED} and ($2::text is null or i.external_id > $2) order by i.external_id, i.revision desc limit $3`,
    [changeId, page.after ?? null, page.limit],
  );
  return rows.map(({ payload, decided, expects, ...record }) => ({
    ...record,
    fields: fieldsOf(payload).map((field): RestoredField => {
      const before = valueAt(payload, field) ?? null;
      const written = expects[field]?.at(-1) ?? null;
      const verdict = decided.find((each) => each.field === field);
      if (verdict?.did === 'kept')
        return {
          field,
          did: verdict.why === 'equal' ? 'same' : 'kept',
          before,
          written,
          now: verdict.theirs,
        };
      const isSent = record.state === 'APPLIED';
      return {
        field,
        did: isSent ? 'restored' : 'waits',
        before,
        written,
        now: verdict?.theirs ?? (isSent ? written : null),
      };
    }),
  }));
}

/** How far the restoring of a request is: records asked for, seen as asked, and with fields that were left alone. */
export interface RestoreProgress {
  readonly records: number;
  readonly settled: number;
  readonly changedSince: number;
}

/** How far a request has come with bringing records back. */
export async function restoreProgress(tx: TenantTx, changeId: string): Promise<RestoreProgress> {
  const [row] = await tx.sql<RestoreProgress>(
    `select count(*)::int as records, count(*) filter (where r.state = 'APPLIED')::int as settled,
       count(*) filter (where r.decided @> '[{"why":"changed since"}]')::int as "changedSince"
     from (${RESTORED} order by i.external_id, i.revision desc) r`,
    [changeId],
  );
  return row ?? { records: 0, settled: 0, changedSince: 0 };
}
