-- breaking: no

-- What a message says without what it says it about: quoted values, addresses, ids, dates and figures become #, so that
-- the same cause has the same text whichever record it met. Only pg_catalog is used: columns are made from it.
create function app.cause_text(message text) returns text
language sql immutable parallel safe
return left(btrim(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(
  lower(coalesce(message, '')),
  '"[^"]*"|“[^”]*”|`[^`]*`|«[^»]*»', '#', 'g'),
  '(^|[\s(=:,])''[^'']*''', '\1#', 'g'),
  '\w+://\S+|[^\s@]+@[^\s@]+\.[^\s@]+', '#', 'g'),
  '[[:alnum:]_:/+-]*[0-9][[:alnum:]_:/+-]*([.,][0-9][[:alnum:]_:/+-]*)*', '#', 'g'),
  '[[:alnum:]]{20,}', '#', 'g'),
  '#([\s,;|]+(and )?#)+', '#', 'g'),
  '\s+', ' ', 'g')), 500);

-- The name of a cause, from all that makes it the same one.
create function app.error_cause(parts text[]) returns text
language plpgsql immutable parallel safe
as $$
begin
  return 'egr_' || left(encode(sha256(convert_to(array_to_json(parts)::text, 'UTF8')), 'hex'), 26);
end
$$;

-- seen_at: when the record last failed; null for rows from before it was kept, which were opened then.
alter table quarantine
  add column seen_at timestamptz,
  add column cause text not null generated always as (app.error_cause(array[
    'record', connection, stream, stage, mapping_id, code, coalesce(field, ''), app.cause_text(reason)])) stored;
alter table quarantine alter column seen_at set default app.clock();
create index quarantine_of_cause on quarantine (tenant_id, cause) where status = 'open';

-- Null while an intent needs nobody.
alter table intent add column cause text generated always as (
  case when state in ('QUARANTINED', 'CONFLICT', 'UNKNOWN') then app.error_cause(array[
    'write', connection, object, state, coalesce(mapping ->> 'id', ''), coalesce(error ->> 'code', ''),
    coalesce(error ->> 'field', ''), app.cause_text(error ->> 'message')]) end) stored;
create index intent_of_cause on intent (tenant_id, cause) where cause is not null;

-- What a person said of a cause, or of one record or write: who looks after it, and that it is left alone until a time.
create table error_decision (
  tenant_id      text not null,
  -- A cause (egr_…), a record that waits (err_…), or an intent.
  subject        text not null,
  owner          text,
  ignored_until  timestamptz,
  ignored_reason text,
  ignored_by     text,
  ignored_at     timestamptz,
  updated_at     timestamptz not null default app.clock(),
  primary key (tenant_id, subject),
  check (num_nulls(ignored_until, ignored_reason, ignored_by, ignored_at) in (0, 4))
);
select app.protect('error_decision');

-- A field of a write that a person set by hand, because the other system refused what the mapping gave.
create table intent_edit (
  tenant_id       text not null,
  -- The intent that carries the value, and the one that it took the place of.
  intent_id       text not null,
  field           text not null,
  from_intent     text not null,
  connection      text not null,
  object          text not null,
  external_id     text not null,
  mapping_id      text,
  mapping_version integer,
  before          jsonb not null,
  after           jsonb not null,
  reason          text not null check (reason <> ''),
  edited_by       text not null,
  edited_at       timestamptz not null default app.clock(),
  primary key (tenant_id, intent_id, field)
);
create index intent_edit_alike on intent_edit (tenant_id, mapping_id, field);
select app.protect_append_only('intent_edit');
