-- breaking: no

-- What happened in the hub, in ids: written in the transaction of what it tells, so no event is lost and none is told of
-- what was rolled back. Kept for as long as pushes are, so that a range of time can be sent again.
create table hub_event (
  tenant_id text not null,
  id        text not null,
  type      text not null,
  subject   text not null,
  data      jsonb not null check (jsonb_typeof(data) = 'object'),
  at        timestamptz not null default app.clock(),
  primary key (tenant_id, id)
);
create index hub_event_at on hub_event (tenant_id, at);
create index hub_event_about on hub_event (tenant_id, subject, type);
select app.protect('hub_event');

-- Where events are sent. types: none for all of them.
create table webhook_endpoint (
  tenant_id             text not null,
  id                    text not null,
  url                   text not null,
  description           text not null default '',
  types                 text[] not null default '{}',
  status                text not null default 'active' check (status in ('active', 'paused', 'disabled')),
  -- Why it was disabled: the receiver said that it is gone, or nothing arrived for days.
  disabled_reason       text,
  allow_private_network boolean not null default false,
  -- Until when the signing secret before the present one signs too.
  previous_until        timestamptz,
  -- No answer came, or the receiver asked for patience: nothing is sent to it until then.
  rest_until            timestamptz,
  -- Calls without an answer since the last one that had one.
  silences              integer not null default 0,
  -- Since when nothing has arrived; null while all goes well.
  failing_since         timestamptz,
  delivered_at          timestamptz,
  created_at            timestamptz not null default app.clock(),
  created_by            text not null,
  primary key (tenant_id, id)
);
select app.protect('webhook_endpoint');

-- One event on its way to one endpoint: waiting → sending (fenced lease) → delivered, waiting again, or failed.
-- due_at: when it is sent, or when the lease of its sending ends; null once it is settled.
create table webhook_delivery (
  tenant_id   text not null,
  endpoint_id text not null,
  event_id    text not null,
  state       text not null default 'waiting' check (state in ('waiting', 'sending', 'delivered', 'failed')),
  attempts    integer not null default 0,
  fence       bigint not null default 0,
  due_at      timestamptz default app.clock(),
  last_status integer,
  last_error  text,
  created_at  timestamptz not null default app.clock(),
  settled_at  timestamptz,
  primary key (tenant_id, endpoint_id, event_id),
  check ((due_at is null) = (state in ('delivered', 'failed')))
);
create index webhook_delivery_due on webhook_delivery (tenant_id, endpoint_id, due_at) where due_at is not null;
create index webhook_delivery_event on webhook_delivery (tenant_id, event_id);
select app.protect('webhook_delivery');

-- Every call that was made, numbered by the fence under which it was.
create table webhook_attempt (
  tenant_id   text not null,
  endpoint_id text not null,
  event_id    text not null,
  number      bigint not null,
  at          timestamptz not null,
  status      integer,
  error       text,
  ms          integer not null,
  primary key (tenant_id, endpoint_id, event_id, number)
);
select app.protect('webhook_attempt');
