import type { TenantTx } from '../../db/store.ts';
import type { LocalDate } from '../../kernel/dates.ts';
import { newId } from '../../kernel/ids.ts';

/** One day of one type of event. */
export interface UsageWindow {
  readonly type: string;
  readonly day: LocalDate;
}

/** What is to be counted anew. */
export interface UsageChanges {
  readonly ids: readonly string[];
  readonly windows: readonly UsageWindow[];
  /** Who sent or asked last, by type of event. */
  readonly actors: ReadonlyMap<string, string>;
}

interface Row {
  readonly id: string;
  readonly actor: string;
  readonly windows: readonly (readonly [string, LocalDate])[];
}

/** Days of a published definition that one change names, so that none is too much for one transaction. */
const WINDOWS_PER_CHANGE = 30;

/** The oldest changes, as many as `most`, with each window once. What comes later stays for the next call. */
export async function pendingChanges(tx: TenantTx, most: number): Promise<UsageChanges> {
  const rows = await tx.sql<Row>(
    `select c.id, c.actor, c.windows from usage_change c order by c.id limit $1`,
    [most],
  );
  const windows = new Map<string, UsageWindow>();
  const actors = new Map<string, string>();
  for (const { actor, windows: pairs } of rows) {
    for (const [type, day] of pairs) {
      windows.set(JSON.stringify([type, day]), { type, day });
      actors.set(type, actor);
    }
  }
  return { ids: rows.map((row) => row.id), windows: [...windows.values()], actors };
}

/** Moves the watermarks of sources on and forgets the changes: call it when all of them are counted. */
export async function settleChanges(tx: TenantTx, ids: readonly string[]): Promise<void> {
  await tx.run(
    `insert into usage_source as s (tenant_id, source, watermark, last_heard)
     select $1, w.key, max((w.value #>> '{}')::timestamptz), max(c.created_at)
     from usage_change c, jsonb_each(c.watermarks) w where c.id = any($2) group by w.key order by w.key
     on conflict (tenant_id, source) do update set watermark = greatest(s.watermark, excluded.watermark),
       last_heard = greatest(s.last_heard, excluded.last_heard)`,
    [tx.tenantId, [...ids]],
  );
  await tx.run(`delete from usage_change c where c.id = any($1)`, [[...ids]]);
}

/** Has all kept days of these types counted anew, from a day on. */
export async function windowsOfTypes(
  tx: TenantTx,
  types: readonly string[],
  { from, actor }: { readonly from: LocalDate | null; readonly actor: string },
): Promise<void> {
  const rows = await tx.sql<UsageWindow>(
    `select distinct e.type, e.day from usage_event e
     where e.tenant_id = $1 and e.type = any($2) and ($3::date is null or e.day >= $3) order by e.type, e.day`,
    [tx.tenantId, [...types], from],
  );
  await noteWindows(tx, 'definition', rows, actor);
}

/** Has every kept day counted anew that some definition asks for: an instance is another one than was said. */
export async function windowsOfDefinitions(tx: TenantTx, actor: string): Promise<void> {
  const rows = await tx.sql<UsageWindow>(
    `select distinct e.type, e.day from usage_event e
     where e.tenant_id = $1 and e.type in (select d.document ->> 'eventType' from usage_definition d)
     order by e.type, e.day`,
    [tx.tenantId],
  );
  await noteWindows(tx, 'instance', rows, actor);
}

/** Has the days counted anew on which use of this instance counted for nobody. */
export async function windowsOfInstance(
  tx: TenantTx,
  instance: string,
  actor: string,
): Promise<void> {
  const rows = await tx.sql<UsageWindow>(
    `select distinct u.type, d.day from usage_unattributed u
     join usage_unattributed_day d on d.tenant_id = u.tenant_id and d.id = u.id
     where u.instance = $1 order by u.type, d.day`,
    [instance],
  );
  await noteWindows(tx, 'instance', rows, actor);
}

/** Notes windows that have to be counted anew. */
async function noteWindows(
  tx: TenantTx,
  cause: 'definition' | 'instance',
  windows: readonly UsageWindow[],
  actor: string,
): Promise<void> {
  for (let at = 0; at < windows.length; at += WINDOWS_PER_CHANGE) {
    const some = windows.slice(at, at + WINDOWS_PER_CHANGE).map(({ type, day }) => [type, day]);
    await tx.run(
      `insert into usage_change (tenant_id, id, cause, actor, windows) values ($1, $2, $3, $4, $5)`,
      [tx.tenantId, newId('usc'), cause, actor, JSON.stringify(some)],
    );
  }
}
