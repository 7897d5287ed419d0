-- breaking: no

-- What was decided about fields when the intent was sent: [{field, did: wrote|kept|waits, why, theirs}]. What is kept or
-- waits was not sent. overrule: whose value a person has taken, by field ("*" for all), so that no rule is asked.
-- stands_for: what our side has where a person typed another value.
alter table intent
  add column decided jsonb not null default '[]',
  add column overrule jsonb not null default '{}',
  add column stands_for jsonb not null default '{}';

-- What both sides held of each field when they last agreed: field → {ours, theirs}. They differ where a person or a rule
-- let the other side's value stand, and where the vendor spells a value otherwise.
create table last_agreed (
  tenant_id   text not null,
  connection  text not null,
  object      text not null,
  external_id text not null,
  fields      jsonb not null check (jsonb_typeof(fields) = 'object'),
  agreed_at   timestamptz not null default app.clock(),
  primary key (tenant_id, connection, object, external_id)
);
select app.protect('last_agreed');

-- A field that both sides changed since they last agreed, and that no rule decides.
create table conflict (
  tenant_id    text not null,
  id           text not null,
  connection   text not null,
  object       text not null,
  external_id  text not null,
  canonical_id text not null,
  vendor_id    text,
  intent_id    text not null,
  mapping_id   text,
  field        text not null,
  rule         text not null,
  -- Null where the sides never agreed: {ours, theirs}.
  agreed       jsonb,
  ours         jsonb,
  theirs       jsonb,
  ours_at      timestamptz not null,
  theirs_at    timestamptz,
  theirs_by    text,
  state        text not null default 'open' check (state in ('open', 'resolved', 'vanished')),
  opened_at    timestamptz not null default app.clock(),
  -- When the other side was last looked at.
  seen_at      timestamptz not null default app.clock(),
  -- ours, theirs or value; and the value that was taken.
  taken        text check (taken in ('ours', 'theirs', 'value')),
  value        jsonb,
  reason       text,
  decided_by   text,
  decided_at   timestamptz,
  primary key (tenant_id, id)
);
create unique index conflict_open on conflict (tenant_id, connection, object, external_id, field) where state = 'open';
create index conflict_listed on conflict (tenant_id, state, id desc);
select app.protect('conflict');
