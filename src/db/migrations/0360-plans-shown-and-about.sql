-- breaking: no

-- What a person was shown of the other systems when looking at a plan: an approval is given over exactly one of these.
-- present: as in plan.present. shown: the hash of it that the person names.
create table plan_shown (
  tenant_id text not null,
  plan_id   text not null,
  person    text not null,
  shown     text not null,
  present   jsonb not null,
  seen_at   timestamptz not null default app.clock(),
  primary key (tenant_id, plan_id, person, shown)
);
select app.protect('plan_shown');

-- What a write is about in the business ({products, account, worth}), for the modes; null where nobody said.
alter table intent add column about jsonb;
