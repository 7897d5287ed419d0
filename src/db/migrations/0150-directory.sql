-- breaking: no

-- Identity providers push: a connection whose system sends its records itself, and is never read.
alter table connection add column pushed boolean not null default false;

-- A pushed directory: a connection, and the run that takes in what is pushed today.
create table directory (
  tenant_id    text not null,
  connection   text not null,
  run_id       text,
  last_push_at timestamptz,
  created_at   timestamptz not null default app.clock(),
  primary key (tenant_id, connection),
  foreign key (tenant_id, connection) references connection (tenant_id, id)
);
select app.protect('directory');

-- A bearer token of an identity provider. The secret itself is kept nowhere; its hash is compared.
create table directory_token (
  tenant_id    text not null,
  id           text not null,
  connection   text not null,
  label        text not null,
  hash         bytea not null check (length(hash) = 32),
  created_at   timestamptz not null default app.clock(),
  created_by   text not null,
  expires_at   timestamptz,
  revoked_at   timestamptz,
  last_used_at timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, connection) references directory (tenant_id, connection)
);
create index directory_token_of on directory_token (tenant_id, connection);
select app.protect('directory_token');

-- What the identity provider holds with us, as it last wrote it. The id is ours; external_id is the provider's word and
-- no key. name_key is the folded userName or displayName. Members of groups are rows of their own, so that one more
-- member of a large group costs one row.
create table directory_resource (
  tenant_id   text not null,
  connection  text not null,
  kind        text not null check (kind in ('Users', 'Groups')),
  id          text not null,
  name_key    text not null,
  external_id text,
  version     bigint not null default 1,
  created_at  timestamptz not null,
  modified_at timestamptz not null,
  data        jsonb not null check (jsonb_typeof(data) = 'object'),
  primary key (tenant_id, connection, kind, id),
  foreign key (tenant_id, connection) references directory (tenant_id, connection)
);
create unique index directory_user_name on directory_resource (tenant_id, connection, name_key) where kind = 'Users';
create index directory_resource_name on directory_resource (tenant_id, connection, kind, name_key);
create index directory_resource_external on directory_resource (tenant_id, connection, kind, external_id);
select app.protect('directory_resource');

create table directory_member (
  tenant_id  text not null,
  connection text not null,
  group_id   text not null,
  member_id  text not null,
  primary key (tenant_id, connection, group_id, member_id)
);
create index directory_member_of on directory_member (tenant_id, connection, member_id);
select app.protect('directory_member');
