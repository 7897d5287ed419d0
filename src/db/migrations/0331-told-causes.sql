-- breaking: no

-- Causes of errors that webhooks were told of. One that is gone is forgotten, so that it is told of when it comes back.
create table told_cause (
  tenant_id text not null,
  cause     text not null,
  told_at   timestamptz not null default app.clock(),
  primary key (tenant_id, cause)
);
select app.protect('told_cause');
