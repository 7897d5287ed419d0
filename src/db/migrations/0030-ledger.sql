-- breaking: no

-- Bitemporal facts. The body carries valid time (validFrom, validTo, half-open dates); recorded_* is system time.
-- Rows are closed and superseded, never changed otherwise.
create table fact (
  tenant_id       text not null,
  fact_id         text not null,
  noun            text not null,
  connection      text not null,
  external_ref    text not null,
  body            jsonb not null,
  body_hash       text not null,
  stream          text,
  record_id       text,
  record_hash     text,
  mapping_id      text,
  mapping_version integer,
  recorded_from   timestamptz not null,
  recorded_to     timestamptz not null default 'infinity',
  primary key (tenant_id, fact_id),
  check (recorded_from < recorded_to)
);
-- One current row per entity; overlap over time is prevented under the writer's lock and audited (contract §12).
create unique index fact_current on fact (tenant_id, noun, connection, external_ref)
  where recorded_to = 'infinity';
create index fact_of_record on fact (tenant_id, connection, stream, record_id) where recorded_to = 'infinity';
create index fact_history on fact (tenant_id, noun, connection, external_ref, recorded_from);
select app.protect('fact');
