import type { TenantTx } from '../db/store.ts';
import type { JsonObject } from '../kernel/hash.ts';
import type { Money } from '../kernel/money.ts';
import type { Effect, MappingRef } from './effect.ts';
import type { ModeVerdict, WriteMode } from './write-modes.ts';

/** What would have been written without a plan, where the mode is not `write`. */
export interface ObservedEffect {
  readonly connection: string;
  readonly object: string;
  readonly canonicalId: string;
  readonly source: string;
  readonly mode: WriteMode;
  readonly because: string;
  readonly fields: JsonObject;
  readonly mapping: MappingRef | null;
  readonly worth: Money | null;
  readonly observedAt: Date;
}

/** Keeps what a run of one source would have written, in place of what its run before would have. */
export async function saveObserved(
  tx: TenantTx,
  source: string,
  observed: readonly { readonly effect: Effect; readonly verdict: ModeVerdict }[],
): Promise<void> {
  await tx.run(`delete from observed_effect o where o.source = $1`, [source]);
  if (observed.length === 0) return;
  const rows = observed.map(({ effect, verdict }) => ({
    ...verdict,
    connection: effect.connection,
    object: effect.object,
    canonicalId: effect.canonicalId,
    fields: effect.fields,
    mapping: effect.mapping ?? null,
    worth: effect.about?.worth ?? null,
  }));
  await tx.run(
    `insert into observed_effect (tenant_id, source, connection, object, canonical_id, mode, because, fields, mapping, worth)
     select $1, $2, n.connection, n.object, n."canonicalId", n.mode, n.because, n.fields, n.mapping, n.worth
     from jsonb_to_recordset($3::jsonb) as n (connection text, object text, "canonicalId" text, mode text, because text,
       fields jsonb, mapping jsonb, worth jsonb)
     on conflict (tenant_id, connection, object, canonical_id) do update set source = excluded.source, mode = excluded.mode,
       because = excluded.because, fields = excluded.fields, mapping = excluded.mapping, worth = excluded.worth,
       observed_at = app.clock()`,
    [tx.tenantId, source, JSON.stringify(rows)],
  );
}

/**
 * What would have been written, what is worth most first. Amounts of several currencies are not compared: the currency
 * with the most entries comes first, and what has no amount last.
 */
export async function listObserved(
  tx: TenantTx,
  page: { readonly limit: number; readonly offset: number },
): Promise<readonly ObservedEffect[]> {
  return tx.sql<ObservedEffect>(
    `select o.connection, o.object, o.canonical_id as "canonicalId", o.source, o.mode, o.because, o.fields, o.mapping, o.worth,
       o.observed_at as "observedAt"
     from (select e.*, count(*) over (partition by e.worth ->> 'currency') as alike from observed_effect e) o
     order by o.worth is null, o.alike desc, o.worth ->> 'currency', (o.worth ->> 'amount')::numeric desc,
       o.connection, o.object, o.canonical_id limit $1 offset $2`,
    [page.limit, page.offset],
  );
}
