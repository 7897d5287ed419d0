-- breaking: no
--
-- Telemetry: events of use as products and instances send them, what is counted of them, and what nobody could be
-- named for. Source and id make an event the same for as long as it is kept. The collation is C because these keys are
-- compared for every event and sorted for nobody.
create table usage_event (
  tenant_id   text not null,
  source      text collate "C" not null,
  event_id    text collate "C" not null,
  type        text collate "C" not null,
  -- The day (UTC) on which it counts: of its own time, or of its arrival when its clock runs ahead.
  day         date not null,
  occurred_at timestamptz not null,
  received_at timestamptz not null,
  -- A pseudonym; the name itself is not kept.
  subject     text,
  data        jsonb,
  -- Extension attributes, and dataschema.
  attributes  jsonb,
  late        boolean not null,
  skewed      boolean not null,
  primary key (tenant_id, source, event_id)
);
create index usage_event_window on usage_event (tenant_id, type, day);
create index usage_event_day on usage_event (tenant_id, day);
select app.protect('usage_event');

-- Batches as they came, sealed, until their events are kept one by one: who sends waits for one write alone.
create table usage_batch (
  tenant_id   text not null,
  id          text not null,
  received_at timestamptz not null default app.clock(),
  actor       text not null,
  events      integer not null check (events > 0),
  sealed      bytea not null,
  primary key (tenant_id, id)
);
-- Sealed bytes do not compress.
alter table usage_batch alter column sealed set storage external;
select app.protect('usage_batch');

-- How far the events of a source have come; an event far behind is late.
create table usage_source (
  tenant_id  text not null,
  source     text collate "C" not null,
  watermark  timestamptz not null,
  last_heard timestamptz not null,
  primary key (tenant_id, source)
);
select app.protect('usage_source');

-- What has to be counted anew, and why. Only inserted by those who take events, so that they never wait for each other.
create table usage_change (
  tenant_id  text not null,
  id         text not null,
  cause      text not null check (cause in ('events', 'definition', 'instance')),
  actor      text not null,
  -- [[type, day], …]
  windows    jsonb not null,
  -- {source: greatest time, …}
  watermarks jsonb not null default '{}',
  created_at timestamptz not null default app.clock(),
  primary key (tenant_id, id)
);
select app.protect('usage_change');

-- Days before this one have lost events to retention: they are never counted anew.
create table usage_horizon (
  tenant_id text not null,
  day       date not null,
  primary key (tenant_id)
);
select app.protect('usage_horizon');

-- Versions of what is counted; a version is never changed.
create table usage_definition (
  tenant_id    text not null,
  name         text not null,
  version      integer not null check (version > 0),
  -- First day on which it counts; null: from the beginning.
  from_day     date,
  document     jsonb not null,
  published_at timestamptz not null default app.clock(),
  published_by text not null,
  primary key (tenant_id, name, version)
);
select app.protect_append_only('usage_definition');

-- Copies of a product by the id under which they report, and whose they are.
create table product_instance (
  tenant_id     text not null,
  id            text not null,
  posture       text not null check (posture in ('licensor', 'licensee')),
  sku_code      text not null,
  customer_ref  text,
  environment   text not null check (environment in ('prod', 'nonprod')),
  registered_at timestamptz not null default app.clock(),
  registered_by text not null,
  primary key (tenant_id, id)
);
select app.protect('product_instance');

-- Use that counts for nobody yet, and who looks after it.
create table usage_unattributed (
  tenant_id  text not null,
  id         text not null,
  reason     text not null,
  type       text not null,
  definition text not null default '',
  source     text not null,
  instance   text not null,
  owner      text not null,
  first_seen timestamptz not null default app.clock(),
  primary key (tenant_id, id),
  unique (tenant_id, type, definition, reason, source, instance)
);
select app.protect('usage_unattributed');

create table usage_unattributed_day (
  tenant_id text not null,
  id        text not null,
  day       date not null,
  events    bigint not null check (events > 0),
  primary key (tenant_id, id, day)
);
create index usage_unattributed_by_day on usage_unattributed_day (tenant_id, day);
select app.protect('usage_unattributed_day');

-- The key from which pseudonyms of subjects are made and batches are sealed, wrapped. Without it nobody can tell who a
-- pseudonym was.
create table usage_key (
  tenant_id text not null,
  kek_id    text not null,
  wrapped   bytea not null,
  primary key (tenant_id)
);
select app.protect('usage_key');
