import type { TenantTx } from '../../db/store.ts';
import type { LocalDate } from '../../kernel/dates.ts';
import { NotFoundError } from '../../kernel/errors.ts';
import { newId } from '../../kernel/ids.ts';

/** Why use counts for nobody. */
export type UnattributedReason =
  | 'no_definition'
  | 'no_instance'
  | 'unknown_instance'
  | 'no_subject'
  | 'no_value'
  | 'out_of_range';

/** Some use of one day that counts for nobody. */
export interface UnattributedUse {
  readonly reason: UnattributedReason;
  readonly source: string;
  /** As the events name it; empty when they do not. */
  readonly instance: string;
  readonly events: number;
  readonly owner: string;
}

/** Use that counts for nobody, over all days that are kept. */
export interface Unattributed {
  readonly id: string;
  readonly reason: UnattributedReason;
  readonly type: string;
  readonly definition: string | null;
  readonly source: string;
  readonly instance: string | null;
  readonly owner: string;
  readonly events: number;
  readonly firstDay: LocalDate;
  readonly lastDay: LocalDate;
}

/** What a count found: of one type, by one definition or by none, on one day. */
export interface UnattributedScope {
  readonly type: string;
  /** Empty for events that no definition asks for. */
  readonly definition: string;
  readonly day: LocalDate;
}

/**
 * Replaces what counts for nobody in a scope: of one definition on a day, whatever type it asked for before, or of one
 * type that none asks for. Whoever looks after a group stays.
 */
export async function replaceUnattributed(
  tx: TenantTx,
  { type, definition, day }: UnattributedScope,
  uses: readonly UnattributedUse[],
): Promise<void> {
  await tx.run(
    `delete from usage_unattributed_day d using usage_unattributed u
     where u.tenant_id = d.tenant_id and u.id = d.id and u.definition = $2 and d.day = $3::date
       and ($2 <> '' or u.type = $1)`,
    [type, definition, day],
  );
  if (uses.length === 0) return;
  const rows = JSON.stringify(uses.map((use) => ({ id: newId('usu'), ...use })));
  await tx.run(
    `insert into usage_unattributed (tenant_id, id, reason, type, definition, source, instance, owner)
     select $1, r.id, r.reason, $2, $3, r.source, r.instance, r.owner
     from jsonb_to_recordset($4::jsonb) as r(id text, reason text, source text, instance text, owner text)
     on conflict (tenant_id, type, definition, reason, source, instance) do nothing`,
    [tx.tenantId, type, definition, rows],
  );
  await tx.run(
    `insert into usage_unattributed_day (tenant_id, id, day, events)
     select $1, u.id, $4::date, sum(r.events)
     from jsonb_to_recordset($5::jsonb) as r(reason text, source text, instance text, events bigint)
     join usage_unattributed u on u.type = $2 and u.definition = $3 and u.reason = r.reason and u.source = r.source
       and u.instance = r.instance
     group by u.id`,
    [tx.tenantId, type, definition, day, rows],
  );
}

const LIST = `select u.id, u.reason, u.type, nullif(u.definition, '') as definition, u.source,
    nullif(u.instance, '') as instance, u.owner, sum(d.events)::bigint as events,
    min(d.day) as "firstDay", max(d.day) as "lastDay"
  from usage_unattributed u join usage_unattributed_day d on d.tenant_id = u.tenant_id and d.id = u.id`;

/** Use that counts for nobody, oldest group first. */
export function listUnattributed(
  tx: TenantTx,
  filter: {
    readonly owner?: string | undefined;
    readonly after?: string | undefined;
    readonly limit: number;
  },
): Promise<readonly Unattributed[]> {
  return tx.sql<Unattributed>(
    `${LIST} where ($1::text is null or u.owner = $1) and ($2::text is null or u.id > $2)
     group by u.tenant_id, u.id order by u.id limit $3`,
    [filter.owner ?? null, filter.after ?? null, filter.limit],
  );
}

/** Gives use that counts for nobody to somebody to look after. Throws NotFoundError. */
export async function giveUnattributed(
  tx: TenantTx,
  id: string,
  owner: string,
): Promise<{ readonly before: string; readonly use: Unattributed }> {
  const [held] = await tx.sql<{ readonly owner: string }>(
    `select u.owner from usage_unattributed u where u.id = $1 for update`,
    [id],
  );
  await tx.run(`update usage_unattributed u set owner = $2 where u.id = $1`, [id, owner]);
  const [use] = await tx.sql<Unattributed>(`${LIST} where u.id = $1 group by u.tenant_id, u.id`, [
    id,
  ]);
  if (held !== undefined && use !== undefined) return { before: held.owner, use };
  throw new NotFoundError(
    `There is no unattributed use "${id}". \`trueup telemetry unattributed list\` shows what there is.`,
  );
}
