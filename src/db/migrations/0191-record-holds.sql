-- breaking: no

-- A hold is about accounts of a connection, or about records of one stream that the source stopped showing: a login that
-- lost a right reads like a mass deletion. stream: empty for accounts. held_records: how many records the stream held.
alter table people_hold
  add column kind text not null default 'accounts' check (kind in ('accounts', 'records')),
  add column stream text not null default '',
  add column held_records integer check (held_records >= 0);
drop index people_hold_open;
create unique index people_hold_open on people_hold (tenant_id, connection, kind, stream) where status = 'open';

-- unseen: a record that we hold and the source does not show; nothing of it has landed.
alter table people_removal drop constraint people_removal_kind_check;
alter table people_removal add constraint people_removal_kind_check
  check (kind in ('deactivated', 'deleted', 'unseen'));
