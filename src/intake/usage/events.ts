import type { TenantTx } from '../../db/store.ts';
import { newId } from '../../kernel/ids.ts';
import type { UsageEvent } from './event.ts';

/** An event this far ahead of us has a wrong clock. */
const SKEW = `interval '5 minutes'`;
/** An event this far behind the newest of its source is late. */
const LATE = `interval '24 hours'`;

/** Attributes hold no control character, and JSON text holds it only escaped: nothing has to be quoted. */
const SEPARATOR = '\u001f';

/** An event and when it came. */
export interface Arrival {
  readonly event: UsageEvent;
  readonly receivedAt: Date;
}

/**
 * Keeps the events that are not known by source and id, in one statement, and notes which days of which types have to
 * be counted anew. Returns how many were new.
 */
export async function keepEvents(
  tx: TenantTx,
  arrivals: readonly Arrival[],
  actor: string,
): Promise<number> {
  if (arrivals.length === 0) return 0;
  const column = (of: (event: UsageEvent) => string): string =>
    arrivals.map(({ event }) => of(event)).join(SEPARATOR);
  const [row] = await tx.sql<{ readonly kept: number }>(KEEP, [
    tx.tenantId,
    column((event) => event.source),
    column((event) => event.id),
    column((event) => event.type),
    column((event) => event.time),
    column((event) => event.subject),
    column((event) => event.data),
    column((event) => event.attributes),
    newId('usc'),
    actor,
    arrivals.map(({ receivedAt }) => receivedAt.toISOString()).join(SEPARATOR),
  ]);
  return row?.kept ?? 0;
}

const listed = (at: number): string => `string_to_array($${at}, chr(31), '')`;

/** A source without a watermark is new: what it sends first is not late. Skewed events move no watermark. */
const KEEP = `with kept as (
    insert into usage_event (tenant_id, source, event_id, type, day, occurred_at, received_at, subject, data, attributes, late, skewed)
    select $1, e.source, e.id, e.type, (case when e.skewed then e.received else e.time end)::date, e.time, e.received,
      e.subject, e.data::jsonb, e.attributes::jsonb, coalesce(e.time < s.watermark - ${LATE}, false), e.skewed
    from (select a.*, a.time > a.received + ${SKEW} as skewed
      from (select u.source, u.id, u.type, u.received::timestamptz as received,
          coalesce(u.time, u.received)::timestamptz as time, u.subject, u.data, u.attributes, u.n
        from unnest(${listed(2)}, ${listed(3)}, ${listed(4)}, ${listed(5)}, ${listed(6)}, ${listed(7)}, ${listed(8)}, ${listed(11)})
          with ordinality as u(source, id, type, time, subject, data, attributes, received, n)) a) e
      left join usage_source s on s.tenant_id = $1 and s.source = e.source
    order by e.source, e.id, e.n
    on conflict (tenant_id, source, event_id) do nothing
    returning source, type, day, occurred_at, skewed),
  noted as (
    insert into usage_change (tenant_id, id, cause, actor, windows, watermarks)
    select $1, $9, 'events', $10,
      (select jsonb_agg(distinct jsonb_build_array(k.type, k.day)) from kept k),
      (select coalesce(jsonb_object_agg(m.source, m.time), '{}') from
        (select k.source, max(k.occurred_at) as time from kept k where not k.skewed group by k.source) m)
    where exists (select from kept))
  select count(*)::int as kept from kept`;
