-- breaking: no

-- Something that needs people, from the moment it was seen until its cause is known. One open row per kind and key.
create table incident (
  tenant_id    text not null,
  id           text not null,
  kind         text not null check (kind ~ '^[a-z_]+$'),
  -- What it is about, within its kind: a connection, a stream of one, a hold.
  key          text not null,
  -- Which time it happened: a run, a certificate, a hold. Once closed, the same one opens nothing again.
  occurrence   text not null default '',
  title        text not null,
  severity     text not null check (severity in ('low', 'medium', 'high')),
  status       text not null default 'open' check (status in ('open', 'closed')),
  -- Times that it was seen to happen.
  times        integer not null default 1,
  -- [{amount, currency}], the most that was ever at stake; null where nobody can say.
  money        jsonb,
  -- What it touches: [{type, id}], for the narrative.
  refs         jsonb not null default '[]',
  owner        text,
  -- Whether the watch has told of it: whoever opens one need not.
  announced    boolean not null default false,
  -- Steps of the escalation that were taken.
  escalated    integer not null default 0,
  acked_at     timestamptz,
  acked_by     text,
  opened_at    timestamptz not null default app.clock(),
  seen_at      timestamptz not null default app.clock(),
  -- When its condition was gone; null while it lasts.
  cleared_at   timestamptz,
  closed_at    timestamptz,
  -- Null where it closed by itself.
  closed_by    text,
  cause        text,
  cause_text   text,
  primary key (tenant_id, id),
  check ((status = 'closed') = (closed_at is not null)),
  check ((status = 'closed') = (cause is not null))
);
create unique index incident_open on incident (tenant_id, kind, key) where status = 'open';
create index incident_listed on incident (tenant_id, status, id desc);
create index incident_last on incident (tenant_id, kind, key, id desc);
select app.protect('incident');

-- Its timeline. Rows are never changed.
create table incident_event (
  tenant_id   text not null,
  incident_id text not null,
  id          text not null,
  at          timestamptz not null default app.clock(),
  kind        text not null,
  actor       text not null,
  text        text not null,
  details     jsonb not null default '{}',
  primary key (tenant_id, incident_id, id)
);
select app.protect_append_only('incident_event');

-- That a connected system is left alone because it did not answer several times in a row: breakers live in processes,
-- and whoever watches need not be in the same one.
create table open_breaker (
  tenant_id  text not null,
  connection text not null,
  opened_at  timestamptz not null default app.clock(),
  until_at   timestamptz not null,
  reason     text not null,
  primary key (tenant_id, connection)
);
select app.protect('open_breaker');
