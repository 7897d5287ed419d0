-- breaking: no

-- From which instant of the CRM's clock closed-won transitions act. What was won before is history.
create table deal_cut_over (
  tenant_id  text not null,
  connection text not null,
  cut_over   text not null,
  primary key (tenant_id, connection)
);
select app.protect('deal_cut_over');

-- One occurrence of closed-won: it fires once, whatever is delivered or read how often.
create table deal (
  tenant_id       text not null,
  id              text not null,
  connection      text not null,
  opportunity_ref text not null,
  occurrence      integer not null,
  transition_ref  text not null,
  won_at          timestamptz not null,
  state           text not null check (state in ('history', 'won', 'reopened')),
  reopened_at     timestamptz,
  primary key (tenant_id, id),
  unique (tenant_id, connection, opportunity_ref, occurrence)
);
select app.protect('deal');
