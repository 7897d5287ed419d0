-- breaking: no

-- What the other side must still hold of each field for it to be written: field → values, any of them. A field that holds
-- something else by then was changed since, and is left alone. Empty where nothing was said.
alter table intent add column expects jsonb not null default '{}';
-- The change request that brings the record back to what it was.
alter table intent add column change_id text;
create index intent_of_change on intent (tenant_id, change_id, external_id) where change_id is not null;

-- Whether a roll back brings back also what somebody changed since.
alter table mapping_change add column overwrite boolean not null default false;

-- cancellation: records that a mapping version made, offered to be cancelled. reversal: an applied plan taken back.
-- seats: seats that are freed, held or given to others.
alter table plan drop constraint plan_kind_check;
alter table plan add constraint plan_kind_check check (kind in ('closed_won', 'reopen', 'cancellation', 'reversal', 'seats'));

-- A request that loosens who has to agree waits for another administrator: {secondPerson: false}.
create table mapping_rules_request (
  tenant_id    text not null references tenant (id),
  id           text not null,
  rules        jsonb not null,
  -- The version tag of the rules that it was asked over.
  base_tag     text not null,
  requested_by text not null,
  requested_at timestamptz not null default app.clock(),
  state        text not null default 'waiting' check (state in ('waiting', 'confirmed', 'declined', 'withdrawn', 'overtaken')),
  decided_by   text,
  decided_at   timestamptz,
  primary key (tenant_id, id)
);
create unique index mapping_rules_request_open on mapping_rules_request (tenant_id) where state = 'waiting';
select app.protect('mapping_rules_request');

-- One replay of a mapping version and scope is under way at a time for a stream; cause: what the records failed of.
alter table replay add column cause text;
alter table replay drop constraint replay_scope_check;
alter table replay add constraint replay_scope_check check (scope in ('all', 'failed', 'records', 'cause'));
