-- breaking: no

-- What the other system held when the intent was last about to be sent, where its records carry neither of our ids:
-- {version, fields}. The write is made for that version, and it is what brings the record back.
alter table intent add column held jsonb;
-- Of the same object, the record that has to be seen as asked before this one is written: a seat is given to somebody only
-- once it is free.
alter table intent add column after_external_id text;

-- Plans about seats: how many seats were taken lately is counted from them.
create index plan_of_seats on plan (tenant_id, created_at desc) where kind = 'seats';
