-- breaking: no
--
-- How much of a connected system we may use, and what keeps several workers to it together. Calls are counted for
-- the calendar day in UTC; a worker takes them in blocks, so used holds what was taken and not yet given back.
create table call_budget (
  tenant_id       text not null,
  connection      text not null,
  daily_calls     integer check (daily_calls > 0),
  reserve_percent integer not null default 10 check (reserve_percent between 0 and 90),
  concurrency     integer check (concurrency between 1 and 100),
  updated_at      timestamptz not null default app.clock(),
  primary key (tenant_id, connection),
  foreign key (tenant_id, connection) references connection (tenant_id, id)
);
select app.protect('call_budget');

create table call_usage (
  tenant_id  text not null,
  connection text not null,
  day        date not null,
  used       integer not null default 0 check (used >= 0),
  primary key (tenant_id, connection, day),
  foreign key (tenant_id, connection) references connection (tenant_id, id)
);
select app.protect('call_usage');

-- What the vendor said last of its own count of calls, everybody's together.
create table vendor_call_usage (
  tenant_id  text not null,
  connection text not null,
  used       bigint not null check (used >= 0),
  call_limit bigint not null check (call_limit > 0),
  seen_at    timestamptz not null default app.clock(),
  primary key (tenant_id, connection),
  foreign key (tenant_id, connection) references connection (tenant_id, id)
);
select app.protect('vendor_call_usage');

-- One call that may be in flight; a holder that died frees it by the end of its lease.
create table call_slot (
  tenant_id  text not null,
  connection text not null,
  slot       integer not null check (slot > 0),
  holder     text,
  held_until timestamptz,
  primary key (tenant_id, connection, slot),
  foreign key (tenant_id, connection) references connection (tenant_id, id)
);
select app.protect('call_slot');

-- The key under which a person last stored the credentials; the connector's own renewals keep it. Null: the key itself.
alter table connection_key add column login text;

-- How many records the read is thought to bring, for the display alone.
alter table run_stream add column expected bigint check (expected >= 0);
