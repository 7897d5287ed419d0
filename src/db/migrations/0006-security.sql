-- breaking: no

-- One text per tenant, sealed with the key-encryption key, so that a wrong key refuses the start.
create table kek_canary (
  tenant_id text not null references tenant (id),
  kek_id    text not null,
  sealed    bytea not null,
  primary key (tenant_id)
);
select app.protect('kek_canary');

-- The data key of one connection, wrapped by the key-encryption key.
create table connection_key (
  tenant_id  text not null,
  connection text not null,
  id         text not null,
  kek_id     text not null,
  wrapped    bytea not null,
  created_at timestamptz not null default app.clock(),
  primary key (tenant_id, connection)
);
select app.protect('connection_key');

-- One sealed value. Written, opened by the program, never shown.
create table connection_secret (
  tenant_id  text not null,
  connection text not null,
  field      text not null,
  key_id     text not null,
  sealed     bytea not null,
  primary key (tenant_id, connection, field),
  foreign key (tenant_id, connection) references connection_key (tenant_id, connection)
);
select app.protect('connection_secret');

-- A human being who may sign in. Never removed: the audit names its id.
create table person (
  tenant_id   text not null references tenant (id),
  id          text not null,
  name        text not null check (name <> ''),
  email       text,
  status      text not null default 'active' check (status in ('active', 'disabled')),
  created_at  timestamptz not null default app.clock(),
  disabled_at timestamptz,
  primary key (tenant_id, id)
);
create unique index person_email on person (tenant_id, lower(email)) where email is not null;
select app.protect('person');

create table person_role (
  tenant_id text not null,
  person_id text not null,
  role      text not null
            check (role in ('viewer', 'editor', 'approver', 'finance', 'licence-manager', 'auditor', 'admin')),
  primary key (tenant_id, person_id, role),
  foreign key (tenant_id, person_id) references person (tenant_id, id)
);
select app.protect('person_role');

-- An API key. The secret itself is kept nowhere; its hash is compared.
create table api_key (
  tenant_id    text not null,
  id           text not null,
  person_id    text not null,
  label        text not null,
  roles        text[] not null,
  hash         bytea not null check (length(hash) = 32),
  created_at   timestamptz not null default app.clock(),
  created_by   text not null,
  expires_at   timestamptz,
  revoked_at   timestamptz,
  last_used_at timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, person_id) references person (tenant_id, id)
);
create index api_key_of_person on api_key (tenant_id, person_id);
select app.protect('api_key');
