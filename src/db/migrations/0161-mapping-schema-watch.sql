-- breaking: no

-- How a connected system described an object when it was last asked: name → { type, options }. sparse: fields that it
-- describes and yet leaves out of records, because it leaves out what is empty.
create table stream_schema (
  tenant_id  text not null,
  connection text not null,
  stream     text not null,
  fields     jsonb not null check (jsonb_typeof(fields) = 'object'),
  sparse     text[] not null default '{}',
  looked_at  timestamptz not null default app.clock(),
  primary key (tenant_id, connection, stream)
);
select app.protect('stream_schema');

-- What changed from one description to the next.
create table schema_change (
  tenant_id  text not null,
  id         text not null,
  connection text not null,
  stream     text not null,
  field      text not null,
  kind       text not null check (kind in ('gone', 'new', 'retyped', 'option_gone', 'option_new')),
  detail     text not null,
  seen_at    timestamptz not null default app.clock(),
  primary key (tenant_id, id)
);
create index schema_change_by_connection on schema_change (tenant_id, connection, id desc);
select app.protect('schema_change');

-- A mapping that is not used for a connection because a field that it reads is not what it was: the pages of its stream
-- wait. Ends when the field is as expected again, another version is in effect, or a person accepts the change.
create table mapping_pause (
  tenant_id       text not null,
  connection      text not null,
  mapping_id      text not null,
  mapping_version integer not null,
  stream          text not null,
  field_stream    text not null,
  field           text not null,
  kind            text not null check (kind in ('gone', 'retyped', 'option_gone')),
  -- The type that the field had, or the option that is missing.
  expected        text not null,
  since           timestamptz not null default app.clock(),
  primary key (tenant_id, connection, mapping_id, field_stream, field, kind, expected)
);
select app.protect('mapping_pause');
