-- breaking: no

-- A change that a mapping still works with, as a new option of a picklist, is shown and pauses nothing. A mapping that
-- writes a field which the target no longer takes pauses as well.
alter table mapping_pause
  add column pauses boolean not null default true,
  add column direction text not null default 'inbound' check (direction in ('inbound', 'outbound')),
  drop constraint mapping_pause_kind_check,
  add constraint mapping_pause_kind_check check (kind in ('gone', 'retyped', 'locked', 'option_gone', 'option_new'));

-- locked: the system takes no value for it any more.
alter table schema_change
  drop constraint schema_change_kind_check,
  add constraint schema_change_kind_check
    check (kind in ('gone', 'new', 'retyped', 'locked', 'option_gone', 'option_new'));

-- A page that is mapped only because of one mapping, which could not be used when its records landed. Null: all of them.
alter table run_page add column because_of text;
