-- breaking: no

-- More people lost than a company allows in one day: they keep their accounts until a person has looked. One open
-- hold a connection; what comes while it is open joins it.
create table people_hold (
  tenant_id       text not null,
  id              text not null,
  connection      text not null,
  status          text not null default 'open' check (status in ('open', 'confirmed', 'rejected', 'withdrawn')),
  -- As they were when the hold was opened: removals allowed, and active accounts of the connection.
  cap             integer not null check (cap >= 0),
  active_accounts integer not null check (active_accounts >= 0),
  opened_at       timestamptz not null default app.clock(),
  decided_at      timestamptz,
  decided_by      text,
  primary key (tenant_id, id)
);
create unique index people_hold_open on people_hold (tenant_id, connection) where status = 'open';
select app.protect('people_hold');

-- A landed record that ends an active account. noticed: the run is still read; held: a person is to decide; cleared:
-- may be mapped; kept: a person said no; applied: mapped; withdrawn: the source gave the account back.
create table people_removal (
  tenant_id  text not null,
  connection text not null,
  stream     text not null,
  record_id  text not null,
  run_id     text not null,
  kind       text not null check (kind in ('deactivated', 'deleted')),
  status     text not null default 'noticed'
             check (status in ('noticed', 'held', 'cleared', 'kept', 'applied', 'withdrawn')),
  hold_id    text,
  noticed_at timestamptz not null default app.clock(),
  settled_at timestamptz,
  primary key (tenant_id, connection, stream, record_id, noticed_at)
);
create unique index people_removal_open on people_removal (tenant_id, connection, stream, record_id)
  where status in ('noticed', 'held', 'cleared', 'kept');
create index people_removal_applied on people_removal (tenant_id, connection, settled_at) where status = 'applied';
create index people_removal_of_hold on people_removal (tenant_id, hold_id, record_id) where hold_id is not null;
select app.protect('people_removal');

-- How many active accounts a connection has is asked with every removal.
create index fact_active_account on fact (tenant_id, connection)
  where noun = 'userAccount' and recorded_to = 'infinity' and (body -> 'active') = 'true'::jsonb;
