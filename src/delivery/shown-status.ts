import type { TenantTx } from '../db/store.ts';
import type { IntentState } from './intent-machine.ts';
import type { Plan } from './plans.ts';
import type { Target } from './target.ts';

/** The newest plan about a subject whose state is not what was last shown. */
export interface StatusToShow {
  readonly planId: string;
  readonly kind: Plan<unknown>['kind'];
  readonly status: Plan<unknown>['status'];
  readonly subject: string;
  readonly body: unknown;
  readonly problem: Plan<unknown>['problem'];
  /** What stands for "shown as it is now". */
  readonly state: string;
}

/** A write of a plan, as far as people at the record want to know. */
export interface PlannedWrite {
  readonly connection: string;
  readonly object: string;
  readonly state: IntentState;
  readonly readBack: boolean;
  readonly vendorId: string | null;
  readonly error: { readonly code: string; readonly message: string } | null;
}

/**
 * Subjects of which something else is to be shown than what was shown last; `where` stands for the places at which it can
 * be, so that a new place is filled. Nothing is shown of a plan that only says what would be done. At most `limit`, those that nobody was shown yet among them.
 */
export async function statusesToShow(
  tx: TenantTx,
  where: string,
  limit: number,
): Promise<readonly StatusToShow[]> {
  return tx.sql<StatusToShow>(
    `select n.* from (
       select distinct on (p.subject) p.id as "planId", p.kind, p.status, p.subject, p.body, p.problem,
         concat_ws(' ', p.id, p.status, p.problem ->> 'message', $1::text, (
           select concat_ws('/', count(*), count(*) filter (where i.state = 'APPLIED' and i.read_back),
             string_agg(i.cause, ',' order by i.cause) filter (where i.state in ('QUARANTINED', 'CONFLICT')))
           from intent i where i.tenant_id = p.tenant_id and i.plan_id = p.id and i.state <> 'SUPERSEDED')) as state
       from plan p where p.status not in ('superseded', 'observed') order by p.subject, p.id desc) n
     left join shown_status s on s.subject = n.subject
     where s.state is distinct from n.state order by n."planId" limit $2`,
    [where, limit],
  );
}

/** The writes of a plan that stand for something still. */
export async function writesOf(tx: TenantTx, planId: string): Promise<readonly PlannedWrite[]> {
  return tx.sql<PlannedWrite>(
    `select i.connection, i.object, i.state, i.read_back as "readBack",
       coalesce(i.result ->> 'vendorId', i.vendor_id) as "vendorId", i.error
     from intent i where i.plan_id = $1 and i.state <> 'SUPERSEDED' order by i.connection, i.object, i.id`,
    [planId],
  );
}

/** Keeps what is shown of some subjects now. */
export async function saveShown(
  tx: TenantTx,
  shown: readonly Pick<StatusToShow, 'subject' | 'state'>[],
): Promise<void> {
  await tx.run(
    `insert into shown_status as s (tenant_id, subject, state)
     select app.tenant(), h.subject, h.state from jsonb_to_recordset($1::jsonb) as h (subject text, state text)
     on conflict (tenant_id, subject) do update set state = excluded.state, shown_at = app.clock()`,
    [JSON.stringify(shown.map(({ subject, state }) => ({ subject, state })))],
  );
}

/** A record at which a plan is shown. */
export interface ShownRecord {
  readonly connection: string;
  readonly object: string;
  readonly vendorId: string;
  readonly planId: string;
}

/** Of these, those whose record shows a newer plan that still stands for something. */
export async function shownByNewer(
  tx: TenantTx,
  records: readonly ShownRecord[],
): Promise<readonly ShownRecord[]> {
  return tx.sql<ShownRecord>(
    `select h.* from jsonb_to_recordset($1::jsonb) as h (connection text, object text, "vendorId" text, "planId" text)
     join shown_record r on r.connection = h.connection and r.object = h.object and r.vendor_id = h."vendorId"
     join plan p on p.tenant_id = r.tenant_id and p.id = r.plan_id
     where r.plan_id > h."planId" and p.status not in ('superseded', 'observed')`,
    [JSON.stringify(records)],
  );
}

/** Keeps which plan each record shows now. */
export async function saveShownRecords(
  tx: TenantTx,
  records: readonly ShownRecord[],
): Promise<void> {
  await tx.run(
    `insert into shown_record as r (tenant_id, connection, object, vendor_id, plan_id)
     select app.tenant(), h.connection, h.object, h."vendorId", h."planId"
     from jsonb_to_recordset($1::jsonb) as h (connection text, object text, "vendorId" text, "planId" text)
     on conflict (tenant_id, connection, object, vendor_id) do update set plan_id = excluded.plan_id`,
    [JSON.stringify(records)],
  );
}

/** Keeps when showing a status changed each record, as it was read back. */
export async function saveStatusChanges(
  tx: TenantTx,
  target: Target,
  records: readonly { readonly vendorId: string; readonly changedAt: Date }[],
): Promise<void> {
  await tx.run(
    `update shown_record r set changed_at = h."changedAt"
     from jsonb_to_recordset($3::jsonb) as h ("vendorId" text, "changedAt" timestamptz)
     where r.connection = $1 and r.object = $2 and r.vendor_id = h."vendorId"`,
    [target.connection, target.object, JSON.stringify(records)],
  );
}

/** When showing a status last changed each of these records, by the vendor's clock. */
export async function statusChanges(
  tx: TenantTx,
  target: Target,
  vendorIds: readonly string[],
): Promise<ReadonlyMap<string, Date>> {
  const rows = await tx.sql<{ vendorId: string; changedAt: Date }>(
    `select r.vendor_id as "vendorId", r.changed_at as "changedAt" from shown_record r
     where r.connection = $1 and r.object = $2 and r.vendor_id = any($3) and r.changed_at is not null`,
    [target.connection, target.object, [...vendorIds]],
  );
  return new Map(rows.map(({ vendorId, changedAt }) => [vendorId, changedAt]));
}
