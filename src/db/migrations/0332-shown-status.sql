-- breaking: no

-- What was last shown of each deal at its records in other systems, so that only what changed is shown anew.
create table shown_status (
  tenant_id text not null,
  subject   text not null,
  -- The newest plan about it, its state, how far its writes are, and where a status can be shown.
  state     text not null,
  shown_at  timestamptz not null default app.clock(),
  primary key (tenant_id, subject)
);
select app.protect('shown_status');
