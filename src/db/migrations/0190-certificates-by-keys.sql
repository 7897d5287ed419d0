-- breaking: no

-- keys: the ids and stamps of the window were listed and compared one by one. Equal counts alone would hide one record
-- that is missing behind one that moved out.
alter table certificate drop constraint certificate_method_check;
alter table certificate add constraint certificate_method_check
  check (method in ('count', 'keys', 'bucket-hash', 'none'));
-- removed: records that the source does not show any more and that ended with this read. held: such as wait for a
-- person, in the hold named. caveats: what a read that closed cannot prove.
alter table certificate
  add column removed integer not null default 0,
  add column held integer not null default 0,
  add column hold_id text,
  add column caveats text[] not null default '{}';

-- When the window was frozen: a read that lasts longer than the overlap is proven by keys whatever the counts say.
alter table run_stream add column began_at timestamptz;

-- The periodic proof came while the stream was parked: it is made up for after the next read that is certified.
alter table stream_checkpoint add column proof_due boolean not null default false;
