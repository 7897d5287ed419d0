-- breaking: no

-- Who did what, written in the transaction of the change itself. Never changed or removed by the program.
create table audit_event (
  tenant_id    text not null,
  id           text not null,
  at           timestamptz not null default app.clock(),
  actor        text not null,
  action       text not null,
  subject_type text not null,
  subject_id   text not null,
  details      jsonb not null default '{}',
  primary key (tenant_id, id)
);
create index audit_by_subject on audit_event (tenant_id, subject_type, subject_id);
create index audit_by_time on audit_event (tenant_id, at);
select app.protect_append_only('audit_event');

-- The hash chain over audit events, written by the sealer alone: h_n = SHA-256(h_{n-1} || RFC 8785 of the event).
create table audit_seal (
  tenant_id text not null,
  seq       bigint not null,
  event_id  text not null,
  hash      text not null,
  sealed_at timestamptz not null default app.clock(),
  primary key (tenant_id, seq),
  unique (tenant_id, event_id)
);
select app.protect_append_only('audit_seal');

-- The signed head of the chain, renewed in the transaction of every round of sealing, so that no seal stands without
-- a signature over it. The signing key comes from outside the database; older heads are kept there too, in a file.
create table audit_head (
  tenant_id  text not null,
  seq        bigint not null,
  hash       text not null,
  at         timestamptz not null,
  signature  text not null,
  public_key text not null,
  primary key (tenant_id)
);
select app.protect('audit_head');
