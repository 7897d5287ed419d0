-- breaking: no

-- Deviations that somebody asks for and somebody else approves. A request is never changed: what was approved is what was
-- read. What is in force stands among the facts, so that a run of any day and any knowledge sees what was known then.
create table licence_exception (
  tenant_id        text not null references tenant (id),
  id               text not null,
  kind             text not null check (kind in ('trial', 'pilot', 'dr_test', 'migration_overlap', 'dispute')),
  owner_ref        text not null,
  sku_code         text,
  subject_refs     text[] not null default '{}',
  quantity_cap     numeric(20,6) check (quantity_cap > 0),
  rationale        text not null check (rationale <> ''),
  fallback_control text,
  valid_from       date not null,
  valid_to         date not null,
  status           text not null default 'requested' check (status in ('requested', 'approved', 'declined', 'ended')),
  requested_by     text not null,
  requested_at     timestamptz not null default app.clock(),
  decided_by       text,
  decided_at       timestamptz,
  reason           text,
  -- From when it excludes: never before the day of its approval.
  effective_from   date,
  ended_by         text,
  ended_at         timestamptz,
  ended_on         date,
  end_reason       text,
  primary key (tenant_id, id),
  foreign key (tenant_id, requested_by) references person (tenant_id, id),
  foreign key (tenant_id, decided_by) references person (tenant_id, id),
  foreign key (tenant_id, ended_by) references person (tenant_id, id),
  check (valid_from < valid_to),
  check (sku_code is not null or cardinality(subject_refs) > 0),
  -- Nobody approves what they asked for.
  check (status <> 'approved' or decided_by <> requested_by),
  check ((status in ('approved', 'declined')) <= (decided_by is not null and decided_at is not null)),
  check (status <> 'approved' or effective_from is not null),
  check ((status = 'ended') = (ended_by is not null and ended_at is not null and ended_on is not null))
);
select app.protect('licence_exception');
