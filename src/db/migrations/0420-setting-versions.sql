-- breaking: no

-- What a company had decided at an instant: a reconciliation that is computed again takes the figures that held when it ran.
create table company_setting_version (
  tenant_id text not null,
  name text not null,
  version integer not null check (version > 0),
  document jsonb not null,
  recorded_from timestamptz not null default app.clock(),
  primary key (tenant_id, name, version)
);

-- Rows of every tenant are read here, once.
alter table company_setting no force row level security;
insert into company_setting_version (tenant_id, name, version, document, recorded_from)
  select s.tenant_id, s.name, s.version, s.document, s.updated_at from company_setting s where s.version > 0;
alter table company_setting force row level security;

select app.protect('company_setting_version');
