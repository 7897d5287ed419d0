-- breaking: no

-- When the other system was last asked what it holds of an intent.
alter table intent add column looked_at timestamptz;

-- Leases that may be over, for whoever takes up what dead workers left behind.
create index intent_held on intent (tenant_id, lease_until) where state in ('LEASED', 'SENT');

-- Every move that there is, as src/delivery/intent-machine.ts has them; a test compares the two. SHOWN: applied and read back.
create function app.intent_moves() returns table (before text, after text)
language sql immutable parallel safe
begin atomic
  select * from (values
    ('PLANNED', 'LEASED'), ('PLANNED', 'SUPERSEDED'),
    ('LEASED', 'SENT'), ('LEASED', 'PLANNED'), ('LEASED', 'SUPERSEDED'),
    ('SENT', 'APPLIED'), ('SENT', 'QUARANTINED'), ('SENT', 'PLANNED'), ('SENT', 'UNKNOWN'),
    ('UNKNOWN', 'SHOWN'), ('UNKNOWN', 'PLANNED'), ('UNKNOWN', 'CONFLICT'), ('UNKNOWN', 'SUPERSEDED'),
    ('APPLIED', 'SHOWN'), ('APPLIED', 'CONFLICT'), ('APPLIED', 'SUPERSEDED'),
    ('CONFLICT', 'SUPERSEDED'),
    ('QUARANTINED', 'PLANNED'), ('QUARANTINED', 'SUPERSEDED')) as move (before, after);
end;

create function app.intent_phase(state text, read_back boolean) returns text
language sql immutable parallel safe
return case when not read_back then state when state = 'APPLIED' then 'SHOWN' else state || ' and read back' end;

-- Refuses every change of an intent that the machine does not know, whoever asks for it.
create function app.guard_intent() returns trigger
language plpgsql
as $$
declare
  was text := app.intent_phase(old.state, old.read_back);
  becomes text := app.intent_phase(new.state, new.read_back);
begin
  if new.fence < old.fence then
    raise exception 'the fence of intent % cannot fall from % to %', old.id, old.fence, new.fence
      using errcode = 'check_violation';
  end if;
  if was = becomes then
    return new;
  end if;
  if not exists (select from app.intent_moves() m where m.before = was and m.after = becomes) then
    raise exception 'intent % cannot go from % to %', old.id, was, becomes using errcode = 'check_violation';
  end if;
  if becomes = 'LEASED' then
    if new.fence = old.fence or new.lease_until is null then
      raise exception 'intent % is leased without a new fence or without an end', old.id using errcode = 'check_violation';
    end if;
    if exists (select from public.intent e where e.tenant_id = old.tenant_id and e.connection = old.connection
        and e.object = old.object and e.external_id = old.external_id and e.revision < old.revision
        and (e.state in ('PLANNED', 'LEASED', 'SENT', 'UNKNOWN') or e.lease_until > app.clock())) then
      raise exception 'intent % comes before an earlier revision is settled', old.id using errcode = 'check_violation';
    end if;
  elsif becomes = 'SENT' then
    if old.lease_until is null or old.lease_until <= app.clock() or new.lease_until is null
       or new.sent_at is null or new.sent_at < date_trunc('milliseconds', transaction_timestamp()) then
      raise exception 'intent % is sent without a lease, or without saying when', old.id using errcode = 'check_violation';
    end if;
  elsif becomes = 'SHOWN' or (was = 'UNKNOWN' and becomes = 'PLANNED') then
    -- What was sent is shown, or sent again, only by what the other system said after it was sent.
    if new.looked_at is null or new.looked_at < old.sent_at then
      raise exception 'intent % becomes % without a look at the other system', old.id, becomes using errcode = 'check_violation';
    end if;
    if becomes = 'PLANNED' and old.lease_until > new.looked_at then
      raise exception 'intent % is planned again while its call may be on its way', old.id using errcode = 'check_violation';
    end if;
  end if;
  return new;
end
$$;
create trigger intent_guard before update of state, read_back, fence on intent
  for each row execute function app.guard_intent();

-- An intent begins planned, keeps its identity and what it says, and is never removed while it is open.
create function app.guard_intent_row() returns trigger
language plpgsql
as $$
begin
  if tg_op <> 'DELETE' and new.tenant_id <> app.tenant() then
    return new; -- row-level security refuses it
  end if;
  if tg_op = 'INSERT' then
    if new.state <> 'PLANNED' or new.read_back or new.fence <> 0 or new.sent_at is not null then
      raise exception 'intent % does not begin planned', new.id using errcode = 'check_violation';
    end if;
    return new;
  end if;
  if tg_op = 'DELETE' then
    if old.state in ('PLANNED', 'LEASED', 'SENT', 'UNKNOWN') or (old.state = 'APPLIED' and not old.read_back) then
      raise exception 'intent % is open (%) and cannot be removed', old.id, old.state using errcode = 'check_violation';
    end if;
    return old;
  end if;
  if (new.tenant_id, new.id, new.connection, new.object, new.external_id, new.revision)
       is distinct from (old.tenant_id, old.id, old.connection, old.object, old.external_id, old.revision)
     or new.payload is distinct from old.payload then
    raise exception 'intent % is what it is: another effect is another revision', old.id using errcode = 'check_violation';
  end if;
  return new;
end
$$;
create trigger intent_begins before insert on intent for each row execute function app.guard_intent_row();
create trigger intent_stays before delete on intent for each row execute function app.guard_intent_row();
create trigger intent_is before update of tenant_id, id, connection, object, external_id, revision, payload on intent
  for each row execute function app.guard_intent_row();
