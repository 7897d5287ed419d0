-- breaking: no

-- A write whose record the other system refuses to show waits for somebody too, in whatever state it stands: nobody can say
-- whether it may be sent, or that it arrived.
alter table intent drop column cause;
alter table intent add column cause text generated always as (
  case when state in ('QUARANTINED', 'CONFLICT', 'UNKNOWN')
         or (state in ('PLANNED', 'APPLIED') and not read_back and error ->> 'code' = 'read_refused')
       then app.error_cause(array[
    'write', connection, object, state, coalesce(mapping ->> 'id', ''), coalesce(error ->> 'code', ''),
    coalesce(error ->> 'field', ''), app.cause_text(error ->> 'message')]) end) stored;
create index intent_of_cause on intent (tenant_id, cause) where cause is not null;
