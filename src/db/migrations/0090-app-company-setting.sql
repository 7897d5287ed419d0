-- breaking: yes
-- reason: a company's settings move out of a column of tenant, which earlier versions read and write

-- What a company has decided, one document a topic. In a protected table, so that a change and the audit entry that
-- tells of it are one transaction of the tenant.
create table company_setting (
  tenant_id  text not null references public.tenant (id),
  name       text not null check (name <> ''),
  document   jsonb not null check (jsonb_typeof(document) = 'object'),
  -- 0: made in order to be locked, and not decided yet.
  version    integer not null check (version >= 0),
  updated_at timestamptz not null default app.clock(),
  updated_by text not null check (updated_by <> ''),
  primary key (tenant_id, name)
);

insert into company_setting (tenant_id, name, document, version, updated_by)
select t.id, s.key, s.value, 1, 'system:migration'
from public.tenant t cross join lateral jsonb_each(t.settings) s
where jsonb_typeof(s.value) = 'object';

select app.protect('company_setting');
alter table public.tenant drop column settings;
