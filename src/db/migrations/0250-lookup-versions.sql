-- breaking: no

-- A lookup table has a kind, which says what its values are, and versions: each change is kept with who, when and why.
alter table lookup
  add column kind    text not null default 'free'
             check (kind in ('free', 'sku-taxonomy', 'currencies', 'subsidiaries', 'fiscal-calendars')),
  add column title   text not null default '',
  add column version integer not null default 1 check (version > 0);

create table lookup_version (
  tenant_id  text not null,
  name       text not null,
  version    integer not null check (version > 0),
  action     text not null check (action in ('made', 'set', 'imported', 'accepted', 'restored')),
  note       text not null,
  changed_by text not null,
  changed_at timestamptz not null default app.clock(),
  added      integer not null,
  changed    integer not null,
  removed    integer not null,
  -- How many entries the table has from then on.
  entries    integer not null,
  primary key (tenant_id, name, version),
  foreign key (tenant_id, name) references lookup (tenant_id, name)
);
select app.protect_append_only('lookup_version');

-- What one version changed: null before where the key was new, null after where it was removed.
create table lookup_change (
  tenant_id text not null,
  name      text not null,
  version   integer not null,
  key       text not null,
  before    jsonb,
  after     jsonb,
  primary key (tenant_id, name, key, version),
  foreign key (tenant_id, name, version) references lookup_version (tenant_id, name, version)
);
create index lookup_change_of_version on lookup_change (tenant_id, name, version);
select app.protect_append_only('lookup_change');

-- Which keys a record asked for when it was last mapped, so that a change of a key maps exactly these records again.
create table lookup_use (
  tenant_id  text not null,
  connection text not null,
  stream     text not null,
  record_id  text not null,
  mapping_id text not null,
  name       text not null,
  key        text not null,
  found      boolean not null,
  primary key (tenant_id, connection, stream, record_id, mapping_id, name, key)
);
create index lookup_use_of_key on lookup_use (tenant_id, name, key);
create index lookup_use_missing on lookup_use (tenant_id, name) where not found;
select app.protect('lookup_use');

-- A replay may be of single records: those that a change of a table concerns.
alter table replay
  drop constraint replay_scope_check,
  add constraint replay_scope_check check (scope in ('all', 'failed', 'records'));
