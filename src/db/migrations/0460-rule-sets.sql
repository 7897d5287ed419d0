-- breaking: no

-- Rules that a company states itself, versioned: drawn up, checked, tried on the present figures, approved by another person,
-- and in force from a date. What is in force stands among the facts, so that a run of any day and any knowledge counts by
-- what held then.
create table rule_set (
  tenant_id   text not null references tenant (id),
  id          text not null check (id ~ '^[a-z][a-z0-9-]{0,62}$'),
  title       text not null check (title <> ''),
  description text,
  created_by  text not null,
  created_at  timestamptz not null default app.clock(),
  primary key (tenant_id, id),
  foreign key (tenant_id, created_by) references person (tenant_id, id)
);
select app.protect('rule_set');

create table rule_set_version (
  tenant_id    text not null,
  rule_set     text not null,
  version      text not null check (version ~ '^\d+\.\d+\.\d+$'),
  status       text not null default 'draft' check (status in ('draft', 'submitted', 'approved')),
  document     jsonb not null,
  content_hash text not null,
  -- Everybody whose words it holds: none of them approves it.
  authors      text[] not null check (cardinality(authors) > 0),
  saved_by     text not null,
  saved_at     timestamptz not null default app.clock(),
  submitted_by text,
  submitted_at timestamptz,
  approved_by  text,
  approved_at  timestamptz,
  -- The shadow run that the approval is over.
  shadow_id    text,
  -- Why it was sent back, or approved.
  reason       text,
  primary key (tenant_id, rule_set, version),
  foreign key (tenant_id, rule_set) references rule_set (tenant_id, id),
  check ((status = 'draft') or (submitted_by is not null and submitted_at is not null)),
  check ((status = 'approved') = (approved_by is not null and approved_at is not null and shadow_id is not null)),
  check (approved_by is null or (approved_by <> all (authors) and approved_by <> submitted_by))
);
-- One version is worked on at a time.
create unique index rule_set_version_open on rule_set_version (tenant_id, rule_set) where status <> 'approved';
select app.protect('rule_set_version');

create table rule_set_shadow (
  tenant_id    text not null,
  id           text not null,
  rule_set     text not null,
  version      text not null,
  content_hash text not null,
  as_of        date not null,
  known_at     timestamptz not null,
  result       jsonb not null,
  result_hash  text not null,
  run_by       text not null,
  run_at       timestamptz not null default app.clock(),
  primary key (tenant_id, id),
  foreign key (tenant_id, rule_set, version) references rule_set_version (tenant_id, rule_set, version)
);
create index rule_set_shadow_of on rule_set_shadow (tenant_id, rule_set, version, id desc);
select app.protect('rule_set_shadow');

-- Never changed: what was decided last holds from its date on.
create table rule_set_activation (
  tenant_id        text not null,
  rule_set         text not null,
  number           integer not null check (number > 0),
  -- Null: the set states nothing any more.
  version          text,
  effective_from   date not null,
  rolled_back_from text,
  decided_by       text not null,
  decided_at       timestamptz not null default app.clock(),
  reason           text,
  primary key (tenant_id, rule_set, number),
  foreign key (tenant_id, rule_set, version) references rule_set_version (tenant_id, rule_set, version),
  foreign key (tenant_id, rule_set, rolled_back_from) references rule_set_version (tenant_id, rule_set, version),
  check (version is not null or rolled_back_from is not null),
  check (rolled_back_from is null or reason is not null)
);
select app.protect('rule_set_activation');

-- What a run counted by: the version of each rule set and the edition of each table of factors.
alter table reconciliation_run add column rule_sets jsonb not null default '{}';
alter table reconciliation_run add column factor_tables jsonb not null default '{}';
