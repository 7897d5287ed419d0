-- breaking: no
--
-- Hints about changes that a vendor sends by itself: where each stream is listened on, whether somebody listens, and
-- what kept hints were about. A hint makes us read; it is never a source of facts.
alter table inbox
  add column source text not null default 'push' check (source in ('push', 'event')),
  add column kind text not null default 'change' check (kind in ('change', 'gap', 'overflow', 'expired')),
  add column echo boolean not null default false;

-- After which event a stream is listened on; opaque, the vendor's own.
create table change_checkpoint (
  tenant_id  text not null,
  connection text not null,
  stream     text not null,
  place      jsonb not null,
  updated_at timestamptz not null default app.clock(),
  primary key (tenant_id, connection, stream),
  foreign key (tenant_id, connection) references connection (tenant_id, id)
);
select app.protect('change_checkpoint');

-- Whether changes of a connection are listened to, and since when that is so.
create table change_listener (
  tenant_id  text not null,
  connection text not null,
  state      text not null check (state in ('listening', 'broken', 'off')),
  reason     text,
  since      timestamptz not null default app.clock(),
  primary key (tenant_id, connection),
  foreign key (tenant_id, connection) references connection (tenant_id, id)
);
select app.protect('change_listener');
