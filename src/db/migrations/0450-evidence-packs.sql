-- breaking: no

-- What an auditor takes away, as it was signed: never changed, and never built anew under the same id.
create table evidence_pack (
  tenant_id  text not null,
  id         text not null,
  run_id     text not null,
  cycle_id   text,
  redaction  text not null check (redaction in ('none', 'pseudonyms', 'no_personal_data')),
  publisher  text,
  country    text,
  sha256     text not null,
  content    bytea not null,
  created_by text not null,
  created_at timestamptz not null default app.clock(),
  primary key (tenant_id, id)
);
-- It is compressed by nothing: its tables are kept plain so that one bad byte can be named, and the database may pack it.
select app.protect('evidence_pack');
