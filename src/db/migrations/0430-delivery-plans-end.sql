-- breaking: no

-- incomplete: what could be done is done, and of the rest somebody dropped it, or removed the connection that it was for.
alter table plan drop constraint plan_status_check;
alter table plan add constraint plan_status_check check (status in ('blocked', 'waiting', 'review', 'approved', 'applying',
  'applied', 'incomplete', 'stale', 'superseded', 'linked', 'rejected', 'observed'));

-- Why an approved plan could not be applied when it was last tried: {code, message, at}; null where nothing is wrong.
alter table plan add column problem jsonb;

-- What a write waits for is looked up with every look at the plans.
create index intent_that_waits on intent (tenant_id, connection, object, after_external_id)
  where after_external_id is not null and state in ('PLANNED', 'QUARANTINED');
