-- breaking: no

-- One cross-system change, shown and approved as a whole. The approval binds to the hash.
create table plan (
  tenant_id     text not null,
  id            text not null,
  kind          text not null check (kind in ('closed_won', 'reopen')),
  subject       text not null,
  hash          text not null,
  status        text not null
                check (status in ('blocked', 'waiting', 'approved', 'applying', 'applied', 'stale', 'superseded')),
  body          jsonb not null,
  created_at    timestamptz not null default app.clock(),
  approved_by   text,
  approved_hash text,
  approved_at   timestamptz,
  applied_at    timestamptz,
  primary key (tenant_id, id),
  unique (tenant_id, subject, kind, hash)
);
select app.protect('plan');

-- The intent ledger: one row per revision of an effect in another system. It never expires while open.
create table intent (
  tenant_id    text not null,
  id           text not null,
  connection   text not null,
  object       text not null,
  external_id  text not null,
  revision     integer not null check (revision > 0),
  canonical_id text not null,
  vendor_id    text,
  payload      jsonb not null,
  payload_hash text not null,
  plan_id      text,
  -- The outbound mapping version that made the payload: {id, version}.
  mapping      jsonb,
  state        text not null default 'PLANNED'
               check (state in ('PLANNED', 'LEASED', 'SENT', 'APPLIED', 'UNKNOWN', 'CONFLICT', 'QUARANTINED', 'SUPERSEDED')),
  fence        bigint not null default 0,
  lease_until  timestamptz,
  not_before   timestamptz not null default app.clock(),
  attempts     integer not null default 0,
  read_back    boolean not null default false,
  result       jsonb,
  error        jsonb,
  created_at   timestamptz not null default app.clock(),
  sent_at      timestamptz,
  settled_at   timestamptz,
  primary key (tenant_id, id),
  unique (tenant_id, connection, object, external_id, revision)
);
create index intent_open on intent (tenant_id, connection, object, not_before)
  where state in ('PLANNED', 'LEASED', 'SENT', 'UNKNOWN') or (state = 'APPLIED' and not read_back);
create index intent_of_canonical on intent (tenant_id, canonical_id);
create index intent_of_plan on intent (tenant_id, plan_id) where plan_id is not null;
select app.protect('intent');
