-- breaking: no

-- observed: what would be done where nothing may be written yet; nobody can approve it.
alter table plan drop constraint plan_status_check;
alter table plan add constraint plan_status_check check (status in ('blocked', 'waiting', 'review', 'approved', 'applying',
  'applied', 'stale', 'superseded', 'linked', 'rejected', 'observed'));
-- What the other systems held of the plan's records when somebody last looked, and what of it an approval was given over:
-- {readAt, records: [{connection, object, externalId, vendorId, fields}], unread: [{connection, object, reason}]}.
alter table plan add column present jsonb;
alter table plan add column approved_present jsonb;
-- Why it was refused: [{path, approved, now}].
alter table plan add column moved jsonb;
-- The hold that its run tripped; null for all others.
alter table plan add column hold_id text;
create index plan_of_hold on plan (tenant_id, hold_id) where hold_id is not null;
-- What policy let through lately is counted from here.
create index plan_by_policy on plan (tenant_id, approved_at) where approved_by = 'policy';

-- How far a connection, an agreement of ours or a product goes: observe (only looked at), propose (plans wait, and none is
-- applied), write. What has no row is written.
create table write_mode (
  tenant_id text not null,
  scope     text not null check (scope in ('connection', 'agreement', 'product')),
  ref       text not null check (ref <> ''),
  mode      text not null check (mode in ('observe', 'propose', 'write')),
  reason    text,
  set_by    text not null,
  set_at    timestamptz not null default app.clock(),
  primary key (tenant_id, scope, ref)
);
select app.protect('write_mode');

-- What would have been written without a plan where the mode is not write, as it was last worked out. worth: {amount,
-- currency} or null.
create table observed_effect (
  tenant_id    text not null,
  connection   text not null,
  object       text not null,
  canonical_id text not null,
  source       text not null,
  mode         text not null check (mode in ('observe', 'propose')),
  because      text not null,
  fields       jsonb not null,
  mapping      jsonb,
  worth        jsonb,
  observed_at  timestamptz not null default app.clock(),
  primary key (tenant_id, connection, object, canonical_id)
);
create index observed_effect_of_source on observed_effect (tenant_id, source);
select app.protect('observed_effect');

-- A run that would change more than the company allows: nothing of it is sent before a person says so.
-- source: deals, entitlements, renewals or reconciliation. counted and allowed: what the run would do, and the caps.
create table write_hold (
  tenant_id  text not null,
  id         text not null,
  source     text not null,
  status     text not null default 'open' check (status in ('open', 'released', 'rejected')),
  reasons    jsonb not null,
  counted    jsonb not null,
  opened_at  timestamptz not null default app.clock(),
  decided_at timestamptz,
  decided_by text,
  reason     text,
  primary key (tenant_id, id)
);
-- What a later run of the same source would change of a held record joins the hold that is open.
create unique index write_hold_open on write_hold (tenant_id, source) where status = 'open';
select app.protect('write_hold');

-- The hold of an intent; it is sent once the hold is released.
alter table intent add column hold_id text;
alter table intent add column held_back boolean not null default false;
create index intent_of_hold on intent (tenant_id, hold_id) where hold_id is not null;
