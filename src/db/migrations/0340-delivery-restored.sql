-- breaking: no

-- True for what was open in a store that was restored from a backup: the other system may be further than this ledger.
alter table intent add column restored boolean not null default false;
create index intent_restored on intent (tenant_id, connection, object) where restored and state = 'UNKNOWN';

-- A restore takes back what the ledger believed of an intent: only the other system knows whether it was sent since.
create or replace function app.intent_moves() returns table (before text, after text)
language sql immutable parallel safe
begin atomic
  select * from (values
    ('PLANNED', 'LEASED'), ('PLANNED', 'SUPERSEDED'), ('PLANNED', 'UNKNOWN'),
    ('LEASED', 'SENT'), ('LEASED', 'PLANNED'), ('LEASED', 'SUPERSEDED'),
    ('SENT', 'APPLIED'), ('SENT', 'QUARANTINED'), ('SENT', 'PLANNED'), ('SENT', 'UNKNOWN'),
    ('UNKNOWN', 'SHOWN'), ('UNKNOWN', 'PLANNED'), ('UNKNOWN', 'CONFLICT'), ('UNKNOWN', 'SUPERSEDED'),
    ('APPLIED', 'SHOWN'), ('APPLIED', 'CONFLICT'), ('APPLIED', 'SUPERSEDED'),
    ('CONFLICT', 'SUPERSEDED'),
    ('QUARANTINED', 'PLANNED'), ('QUARANTINED', 'SUPERSEDED')) as move (before, after);
end;

-- When the store was last brought back from a backup: since then the other systems may hold records of ours that this
-- ledger has forgotten.
create table store_restore (
  tenant_id   text not null,
  restored_at timestamptz not null default app.clock(),
  taken_at    timestamptz,
  primary key (tenant_id, restored_at)
);
select app.protect('store_restore');
