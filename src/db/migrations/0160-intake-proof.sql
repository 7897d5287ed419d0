-- breaking: no

-- A read that cannot go on now is parked, not failed: it keeps its place and goes on there.
alter table run drop constraint run_status_check;
alter table run add constraint run_status_check
  check (status in ('running', 'parked', 'succeeded', 'failed'));
alter table run_stream drop constraint run_stream_status_check;
alter table run_stream add constraint run_stream_status_check
  check (status in ('waiting', 'reading', 'read', 'parked', 'succeeded', 'failed'));
-- keys_only: compares ids and stamps with the source instead of reading every record again.
alter table run add column keys_only boolean not null default false;
-- since: how far the stream was certified before; what comes with an older stamp is late. resume_at: null while a
-- parked stream waits for credentials. parks: in a row, without a page between them. turn_page: where a worker's turn
-- began, null between turns: a turn that finds it where the stream stands follows one that died there. page_limit: then
-- half of the page's size.
alter table run_stream
  add column since text,
  add column late integer not null default 0,
  add column resume_at timestamptz,
  add column parks integer not null default 0,
  add column turn_page integer,
  add column page_limit integer check (page_limit > 0);
create index run_stream_parked on run_stream (tenant_id, resume_at) where status = 'parked';

-- How often the mapping of a page was begun and not ended: a page that kills its worker is taken apart.
alter table run_page add column tries integer not null default 0;

-- The proof of each read that ended with one. Kept beyond the run that it is about.
create table certificate (
  tenant_id     text not null,
  id            text not null,
  run_id        text not null,
  connection    text not null,
  stream        text not null,
  window_from   text,
  window_to     text,
  method        text not null check (method in ('count', 'bucket-hash', 'none')),
  source_count  integer,
  distinct_ids  integer not null,
  moved_out     integer not null,
  missing_count integer not null,
  missing_ids   text[] not null check (cardinality(missing_ids) <= 100),
  stale_count   integer not null,
  stale_ids     text[] not null check (cardinality(stale_ids) <= 100),
  caught_late   integer not null,
  closed        boolean,
  made_at       timestamptz not null default app.clock(),
  primary key (tenant_id, id)
);
create index certificate_by_stream on certificate (tenant_id, connection, stream, id desc);
select app.protect('certificate');
