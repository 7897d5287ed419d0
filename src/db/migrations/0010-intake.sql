-- breaking: no

-- A tenant's link to one external system. Its secrets are sealed elsewhere (security).
create table connection (
  tenant_id             text not null references tenant (id),
  id                    text not null check (id ~ '^[a-z][a-z0-9-]{0,62}$'),
  connector             text not null,
  role                  text not null check (role in ('crm', 'erp', 'directory', 'file')),
  config                jsonb not null,
  mode                  text not null default 'read-only' check (mode in ('read-only', 'read-write')),
  status                text not null default 'unchecked'
                        check (status in ('unchecked', 'ok', 'reauth_required', 'paused', 'removed')),
  allow_private_network boolean not null default false,
  checks                jsonb not null default '[]',
  checked_at            timestamptz,
  created_at            timestamptz not null default app.clock(),
  primary key (tenant_id, id)
);
select app.protect('connection');

-- One pull of one connection.
create table run (
  tenant_id    text not null,
  id           text not null,
  connection   text not null,
  trigger      text not null check (trigger in ('person', 'schedule', 'hook')),
  requested_by text not null,
  full_read    boolean not null default false,
  status       text not null default 'running' check (status in ('running', 'succeeded', 'failed')),
  started_at   timestamptz not null default app.clock(),
  finished_at  timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, connection) references connection (tenant_id, id)
);
create index run_by_connection on run (tenant_id, connection, started_at desc);
select app.protect('run');

-- One stream of a run: the frozen window, where the next page starts, and the certificate at the end.
create table run_stream (
  tenant_id   text not null,
  run_id      text not null,
  stream      text not null,
  read_window jsonb,
  next_token  jsonb,
  pages       integer not null default 0,
  status      text not null default 'waiting' check (status in ('waiting', 'reading', 'read', 'succeeded', 'failed')),
  certificate jsonb,
  error       jsonb,
  finished_at timestamptz,
  primary key (tenant_id, run_id, stream),
  foreign key (tenant_id, run_id) references run (tenant_id, id)
);
select app.protect('run_stream');

-- How far a stream has been read with a closed certificate, by the source's own clock.
create table stream_checkpoint (
  tenant_id  text not null,
  connection text not null,
  stream     text not null,
  since      text,
  run_id     text not null,
  version    bigint not null default 1,
  updated_at timestamptz not null default app.clock(),
  primary key (tenant_id, connection, stream)
);
select app.protect('stream_checkpoint');

-- One page of a run: which records came and what became of each. c created, u updated, n unchanged,
-- s superseded, r rejected, q quarantined; t marks records that are mapped again and were not read. The sums of a
-- run are made from these rows. given is how many records the connector handed over with the page: what became of
-- them must come to the same number, or the stream fails.
create table run_page (
  tenant_id   text not null,
  run_id      text not null,
  stream      text not null,
  page_number integer not null,
  record_ids  text[] not null,
  outcomes    "char"[] not null check (outcomes <@ array['c', 'u', 'n', 's', 'r', 'q', 't']::"char"[]),
  given       integer not null check (given >= 0),
  landed_at   timestamptz not null default app.clock(),
  mapped_at   timestamptz,
  facts       integer,
  primary key (tenant_id, run_id, stream, page_number),
  check (cardinality(record_ids) = cardinality(outcomes))
);
create index run_page_unmapped on run_page (tenant_id, landed_at) where mapped_at is null;
select app.protect('run_page');

-- The newest content of each source record. Older contents are in source_record_version.
create table source_record (
  tenant_id    text not null,
  connection   text not null,
  stream       text not null,
  record_id    text not null,
  content_hash text not null,
  stamp        text,
  deleted      boolean not null,
  data         jsonb not null,
  run_id       text not null,
  landed_at    timestamptz not null,
  primary key (tenant_id, connection, stream, record_id)
);
select app.protect('source_record');

create table source_record_version (
  tenant_id    text not null,
  connection   text not null,
  stream       text not null,
  record_id    text not null,
  landed_at    timestamptz not null,
  content_hash text not null,
  stamp        text,
  deleted      boolean not null,
  data         jsonb not null,
  run_id       text not null,
  replaced_at  timestamptz not null,
  primary key (tenant_id, connection, stream, record_id, landed_at)
);
select app.protect_append_only('source_record_version');

-- A record that waits for a person, with the reason. One open row per record, stage and mapping.
create table quarantine (
  tenant_id       text not null,
  id              text not null,
  stage           text not null check (stage in ('intake', 'mapping')),
  connection      text not null,
  stream          text not null,
  record_id       text not null,
  run_id          text not null,
  outcome         text not null check (outcome in ('rejected', 'quarantined')),
  code            text not null,
  reason          text not null,
  mapping_id      text not null default '',
  mapping_version integer,
  field           text,
  status          text not null default 'open' check (status in ('open', 'resolved', 'ignored')),
  attempts        integer not null default 1,
  opened_at       timestamptz not null default app.clock(),
  resolved_at     timestamptz,
  primary key (tenant_id, id)
);
create unique index quarantine_open on quarantine (tenant_id, connection, stream, record_id, stage, mapping_id)
  where status = 'open';
select app.protect('quarantine');

-- Pushes from vendors, kept before they are answered. A push is a hint, never a source.
create table inbox (
  tenant_id    text not null,
  connection   text not null,
  event_id     text not null,
  object       text not null,
  record_id    text not null,
  body_hash    text not null,
  received_at  timestamptz not null default app.clock(),
  processed_at timestamptz,
  primary key (tenant_id, connection, event_id)
);
select app.protect('inbox');
