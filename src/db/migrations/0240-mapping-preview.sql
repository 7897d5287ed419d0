-- breaking: no

-- How a connected system described an object when somebody last asked, whole: shown when it cannot be asked.
create table object_description (
  tenant_id    text not null references tenant (id),
  connection   text not null,
  object       text not null,
  description  jsonb not null check (jsonb_typeof(description) = 'object'),
  described_at timestamptz not null default app.clock(),
  primary key (tenant_id, connection, object)
);
select app.protect('object_description');

-- A draft beside the version in effect over the last records that landed. Nothing of it is written to facts or systems.
create table mapping_shadow (
  tenant_id    text not null references tenant (id),
  id           text not null,
  mapping_id   text not null,
  connection   text not null,
  object       text not null,
  draft_hash   text not null,
  live_hash    text,
  requested_by text not null,
  state        text not null default 'running' check (state in ('running', 'done', 'cancelled', 'failed')),
  -- How many records it shall look at, and how many it has looked at.
  wanted       integer not null check (wanted >= 0),
  looked_at    integer not null default 0,
  counts       jsonb not null default '{}',
  fields       jsonb not null default '{}',
  differing    integer not null default 0,
  message      text,
  started_at   timestamptz not null default app.clock(),
  ended_at     timestamptz,
  primary key (tenant_id, id)
);
create index mapping_shadow_of_mapping on mapping_shadow (tenant_id, mapping_id, id desc);
select app.protect('mapping_shadow');

-- The records that differ, the first of them; values of personal fields are left out.
create table mapping_shadow_difference (
  tenant_id text not null,
  shadow_id text not null,
  position  integer not null,
  record_id text not null,
  outcome   text not null,
  body      jsonb not null,
  primary key (tenant_id, shadow_id, position),
  foreign key (tenant_id, shadow_id) references mapping_shadow (tenant_id, id) on delete cascade
);
select app.protect('mapping_shadow_difference');
