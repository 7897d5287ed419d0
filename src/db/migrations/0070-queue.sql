-- breaking: no

-- Numbers for versions and fences of the outbox: never repeated, also not by a row that was done, removed and
-- asked for anew. Otherwise a worker that slept through that could hold the right fence by chance.
create sequence app.work_number;
grant usage on sequence app.work_number to trueup_app;

-- Work to be done: the record behind every job. The queue only wakes a worker; this row says what is due,
-- who works on it (lease and fence by the database clock) and when it may be tried again.
-- Work whose attempts are used up stays with not_before = infinity, until a person or a new request starts it again.
create table outbox (
  tenant_id   text not null,
  job         text not null,
  key         text not null,
  payload     jsonb not null,
  version     bigint not null default nextval('app.work_number'),
  fence       bigint not null default 0,
  lease_until timestamptz,
  not_before  timestamptz not null default app.clock(),
  attempts    integer not null default 0,
  last_error  text,
  requested_at timestamptz not null default app.clock(),
  primary key (tenant_id, job, key)
);
select app.protect('outbox');
create index outbox_due on outbox (tenant_id, not_before);

-- When a job comes by the clock. Rows, so that a wiped queue forgets nothing.
create table schedule (
  tenant_id     text not null,
  job           text not null,
  key           text not null default '',
  payload       jsonb not null default '{}',
  every_seconds integer not null check (every_seconds > 0),
  enabled       boolean not null default true,
  next_at       timestamptz not null default app.clock(),
  primary key (tenant_id, job, key)
);
select app.protect('schedule');
create index schedule_due on schedule (next_at) where enabled;

-- What is due over all tenants, as ids only, one tenant after the other in turn: with app.due_schedules the only
-- functions that cross tenants (contract §5). The clock stands in a subquery because a volatile function in the
-- condition itself would keep the index from being used; and each tenant is asked for max_rows rows at most, so
-- a tenant with a million due rows costs the others nothing.
create function app.due_work(max_rows integer)
returns table (tenant_id text, job text, key text, version bigint)
language sql volatile as $$
  select due.tenant_id, due.job, due.key, due.version
  from public.tenant t
  cross join lateral (
    select w.tenant_id, w.job, w.key, w.version, w.not_before,
           row_number() over (order by w.not_before) as turn
    from public.outbox w
    where w.tenant_id = t.id
      and w.not_before <= (select app.clock())
      and (w.lease_until is null or w.lease_until <= (select app.clock()))
    order by w.not_before
    limit max_rows
  ) due
  order by due.turn, due.not_before
  limit max_rows
$$;
select app.let_sweep('outbox');
grant select on public.tenant to trueup_sweeper;
select app.run_as_sweeper('app.due_work(integer)');

create function app.due_schedules(max_rows integer) returns table (tenant_id text, job text, key text)
language sql volatile as $$
  select s.tenant_id, s.job, s.key from public.schedule s
  where s.enabled and s.next_at <= (select app.clock()) order by s.next_at limit max_rows
$$;
select app.let_sweep('schedule');
select app.run_as_sweeper('app.due_schedules(integer)');
