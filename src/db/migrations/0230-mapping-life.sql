-- breaking: no

-- What somebody writes before it is in effect: one open draft per mapping. Its id and revision are its version tag.
create table mapping_draft (
  tenant_id    text not null references tenant (id),
  mapping_id   text not null,
  id           text not null,
  -- As the person wrote it, with its comments; the document is what it comes to.
  source_text  text not null,
  document     jsonb not null check (jsonb_typeof(document) = 'object'),
  hash         text not null,
  -- The version in effect that it starts from; null where none was.
  base_version integer,
  revision     integer not null check (revision > 0),
  state        text not null check (state in ('open', 'submitted')),
  -- Everybody who saved a revision: none of them may approve it.
  editors      text[] not null check (cardinality(editors) > 0),
  updated_by   text not null,
  updated_at   timestamptz not null default app.clock(),
  primary key (tenant_id, mapping_id)
);
select app.protect('mapping_draft');

-- A request to put a content in effect, with the content itself: an approval binds to its hash.
create table mapping_change (
  tenant_id         text not null references tenant (id),
  id                text not null,
  mapping_id        text not null,
  kind              text not null check (kind in ('publish', 'rollback')),
  draft_revision    integer,
  base_version      integer,
  source_text       text not null,
  document          jsonb not null check (jsonb_typeof(document) = 'object'),
  hash              text not null,
  editors           text[] not null,
  submitted_by      text not null,
  submitted_at      timestamptz not null default app.clock(),
  note              text not null,
  -- The version whose content comes back, for a rollback, and whether the records come back with it.
  rolled_back_to    integer check ((rolled_back_to is not null) = (kind = 'rollback')),
  restore           boolean not null default false,
  -- Whether landed records are mapped again once it is in effect.
  replay            boolean not null default true,
  state             text not null default 'waiting' check (state in
                    ('waiting', 'approved', 'returned', 'declined', 'withdrawn', 'scheduled', 'published')),
  decided_by        text,
  decided_at        timestamptz,
  reason            text,
  publish_at        timestamptz,
  published_version integer,
  checks            jsonb not null,
  impact            jsonb,
  -- What a roll back brought back: the versions that it undid, and how many records.
  outcome           jsonb,
  primary key (tenant_id, id)
);
create unique index mapping_change_open on mapping_change (tenant_id, mapping_id, kind)
  where state in ('waiting', 'approved', 'scheduled');
select app.protect('mapping_change');

create table mapping_comment (
  tenant_id text not null,
  id        text not null,
  change_id text not null,
  person    text not null,
  body      text not null check (body <> ''),
  at        timestamptz not null default app.clock(),
  primary key (tenant_id, id),
  foreign key (tenant_id, change_id) references mapping_change (tenant_id, id)
);
create index mapping_comment_of_change on mapping_comment (tenant_id, change_id);
select app.protect('mapping_comment');

alter table mapping_version
  add column change_id text,
  add column note text not null default '',
  add column rolled_back_to integer;

-- A run that maps landed records again and reads nothing. It ends with its last page.
alter table run add column kind text not null default 'read' check (kind in ('read', 'replay'));
create table replay (
  tenant_id       text not null,
  run_id          text not null,
  connection      text not null,
  stream          text not null,
  mapping_id      text not null,
  mapping_version integer not null,
  -- All landed records of the stream, or those that the mapping failed on.
  scope           text not null check (scope in ('all', 'failed')),
  records         integer not null,
  failed_before   integer not null,
  requested_by    text not null,
  primary key (tenant_id, run_id),
  foreign key (tenant_id, run_id) references run (tenant_id, id) on delete cascade
);
create index replay_of_mapping on replay (tenant_id, mapping_id, run_id);
select app.protect('replay');
