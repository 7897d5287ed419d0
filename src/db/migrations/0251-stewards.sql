-- breaking: no

-- Who answers for a thing, and when it is to be looked at again. `*` stands for all of a type that have nobody of their own.
-- A row stays when nobody is named any more: its version is the tag that a next change has to know.
create table stewardship (
  tenant_id    text not null references tenant (id),
  subject_type text not null check (subject_type in ('product', 'agreement', 'mapping', 'policy')),
  subject_id   text not null,
  person_id    text,
  review_due   date,
  version      integer not null default 1 check (version > 0),
  updated_by   text not null,
  updated_at   timestamptz not null default app.clock(),
  primary key (tenant_id, subject_type, subject_id),
  foreign key (tenant_id, person_id) references person (tenant_id, id)
);
select app.protect('stewardship');
