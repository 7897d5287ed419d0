-- breaking: no

-- Seats that were asked for, by a person or by an identity provider that pushes, with the answer that the limits of their pool
-- gave. A granted one holds its right until its seat is seen, for some days at most.
create table seat_request (
  tenant_id  text not null references tenant (id),
  id         text not null,
  connection text not null,
  -- The login's name there, folded: a login that is not made yet has no id.
  user_name  text not null check (user_name <> ''),
  product    text not null,
  channel    text not null check (channel in ('api', 'scim')),
  status     text not null check (status in ('granted', 'waiting', 'blocked', 'declined', 'ended')),
  answer     jsonb not null,
  -- Who asked, as the audit names them, and the person where it was one.
  asked_by   text not null,
  person_id  text,
  reason     text,
  asked_at   timestamptz not null default app.clock(),
  decided_by text,
  decided_at timestamptz,
  decision   text,
  held_until timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, person_id) references person (tenant_id, id),
  foreign key (tenant_id, decided_by) references person (tenant_id, id),
  check ((status = 'granted') <= (held_until is not null)),
  -- Nobody grants what they asked for.
  check (status <> 'granted' or decided_by is distinct from person_id or decided_by is null)
);
create unique index seat_request_open on seat_request (tenant_id, connection, user_name, product)
  where status in ('granted', 'waiting', 'blocked');
select app.protect('seat_request');
