-- breaking: no

-- What a tenant published in place of, or beside, the shipped mappings. Shipped ones are files and have no row.
create table mapping_version (
  tenant_id     text not null references tenant (id),
  mapping_id    text not null,
  version       integer not null check (version > 0),
  -- The side of the mapping that is a vendor's: the connector's id, or the name of one connection.
  direction     text not null check (direction in ('inbound', 'outbound')),
  system        text not null,
  object        text not null,
  document      jsonb not null check (jsonb_typeof(document) = 'object'),
  -- As a person wrote it, with its comments.
  source_text   text not null,
  hash          text not null,
  status        text not null check (status in ('published', 'retired')),
  published_at  timestamptz not null default app.clock(),
  published_by  text not null,
  retired_at    timestamptz,
  primary key (tenant_id, mapping_id, version)
);
create unique index mapping_version_published on mapping_version (tenant_id, mapping_id) where status = 'published';
create index mapping_version_by_object on mapping_version (tenant_id, direction, object) where status = 'published';
select app.protect('mapping_version');

-- Reference data that mappings look values up in.
create table lookup (
  tenant_id  text not null references tenant (id),
  name       text not null check (name ~ '^[a-z][a-z0-9-]{0,62}$'),
  updated_at timestamptz not null default app.clock(),
  updated_by text not null,
  primary key (tenant_id, name)
);
select app.protect('lookup');

create table lookup_entry (
  tenant_id text not null,
  name      text not null,
  key       text not null,
  value     jsonb not null,
  primary key (tenant_id, name, key),
  foreign key (tenant_id, name) references lookup (tenant_id, name) on delete cascade
);
select app.protect('lookup_entry');

-- Which records a record included when it was last mapped, so that a change of the parent maps the child again.
create table mapping_dependency (
  tenant_id     text not null,
  connection    text not null,
  child_stream  text not null,
  child_id      text not null,
  mapping_id    text not null,
  parent_stream text not null,
  parent_id     text not null,
  primary key (tenant_id, connection, child_stream, child_id, mapping_id, parent_stream, parent_id)
);
create index mapping_dependency_by_parent on mapping_dependency (tenant_id, connection, parent_stream, parent_id);
select app.protect('mapping_dependency');
