-- breaking: no

-- A review of positions that people sign off, once a period. A round is one computation of it: reopening keeps the former round
-- with its decisions and signatures, and the next one computes anew.
create table reconciliation_cycle (
  tenant_id   text not null references tenant (id),
  id          text not null,
  -- The first cycle of those that follow each other period by period.
  series_id   text not null,
  name        text not null check (name <> ''),
  scope_kind  text not null check (scope_kind in ('all', 'publisher', 'product', 'customer', 'legal_entity')),
  scope_ref   text,
  frequency   text not null check (frequency in ('monthly', 'quarterly', 'half_yearly', 'yearly', 'once')),
  -- The day of the month on which periods of the series begin, so that the 31st comes back after a shorter month.
  anchor_day  integer not null check (anchor_day between 1 and 31),
  period_from date not null,
  period_to   date not null,
  owner       text not null,
  status      text not null default 'collecting'
    check (status in ('collecting', 'computed', 'in_review', 'signed_off', 'reopened')),
  round       integer not null default 0 check (round >= 0),
  opened_by   text not null,
  opened_at   timestamptz not null default app.clock(),
  primary key (tenant_id, id),
  unique (tenant_id, series_id, period_from),
  foreign key (tenant_id, owner) references person (tenant_id, id),
  check (period_from < period_to),
  check ((scope_kind = 'all') = (scope_ref is null))
);
select app.protect('reconciliation_cycle');

create table cycle_round (
  tenant_id      text not null,
  cycle_id       text not null,
  round          integer not null check (round > 0),
  run_id         text not null,
  as_of          date not null,
  known_at       timestamptz not null,
  -- Every stream that feeds the run with how it stood when the data were frozen, and who took what is not whole, and why.
  gate           jsonb not null,
  gate_reason    text,
  asked_by       text not null,
  asked_at       timestamptz not null default app.clock(),
  computed_at    timestamptz,
  content        jsonb,
  -- The RFC 8785 form of what was signed, and its SHA-256; from the first signature on.
  statement      text,
  statement_hash text,
  signed_off_at  timestamptz,
  primary key (tenant_id, cycle_id, round),
  unique (tenant_id, run_id),
  foreign key (tenant_id, cycle_id) references reconciliation_cycle (tenant_id, id),
  check ((computed_at is null) = (content is null)),
  check ((statement is null) = (statement_hash is null)),
  check (signed_off_at is null or statement is not null)
);
select app.protect('cycle_round');

-- What did not agree when the round was computed, as it stood then.
create table cycle_variance (
  tenant_id text not null,
  cycle_id  text not null,
  round     integer not null,
  subject   text not null,
  body      jsonb not null,
  primary key (tenant_id, cycle_id, round, subject),
  foreign key (tenant_id, cycle_id, round) references cycle_round (tenant_id, cycle_id, round)
);
select app.protect('cycle_variance');

-- Never changed: the last one about a subject holds.
create table cycle_decision (
  tenant_id  text not null,
  cycle_id   text not null,
  round      integer not null,
  subject    text not null,
  number     integer not null check (number > 0),
  decision   text not null check (decision in ('noted', 'accepted', 'remediated')),
  reason     text,
  decided_by text not null,
  decided_at timestamptz not null default app.clock(),
  primary key (tenant_id, cycle_id, round, subject, number),
  foreign key (tenant_id, cycle_id, round, subject) references cycle_variance (tenant_id, cycle_id, round, subject),
  -- What stays open stays so for a reason.
  check (decision = 'remediated' or reason is not null)
);
select app.protect('cycle_decision');

create table remediation_task (
  tenant_id text not null,
  id        text not null,
  cycle_id  text not null,
  subject   text not null,
  action    text not null check (action in ('reassign', 'reclaim', 'buy', 'amend', 'accept')),
  owner     text not null,
  due_at    date not null,
  note      text,
  made_by   text not null,
  made_at   timestamptz not null default app.clock(),
  -- When it was told that it is overdue.
  told_at   timestamptz,
  closed_at timestamptz,
  closed_by text,
  proof     text,
  primary key (tenant_id, id),
  foreign key (tenant_id, cycle_id) references reconciliation_cycle (tenant_id, id),
  foreign key (tenant_id, owner) references person (tenant_id, id),
  check ((closed_at is null) = (closed_by is null) and (closed_at is null) = (proof is null))
);
create index remediation_task_open on remediation_task (tenant_id, due_at) where closed_at is null;
select app.protect('remediation_task');

-- One signature a role, and one person signs for one role.
create table cycle_sign_off (
  tenant_id      text not null,
  cycle_id       text not null,
  round          integer not null,
  role           text not null,
  person_id      text not null,
  statement_hash text not null,
  signed_at      timestamptz not null default app.clock(),
  primary key (tenant_id, cycle_id, round, role),
  unique (tenant_id, cycle_id, round, person_id),
  foreign key (tenant_id, cycle_id, round) references cycle_round (tenant_id, cycle_id, round),
  foreign key (tenant_id, person_id) references person (tenant_id, id)
);
select app.protect('cycle_sign_off');

create table cycle_step (
  tenant_id text not null,
  cycle_id  text not null,
  number    integer not null check (number > 0),
  round     integer not null,
  step      text not null,
  done_by   text not null,
  done_at   timestamptz not null default app.clock(),
  reason    text,
  primary key (tenant_id, cycle_id, number),
  foreign key (tenant_id, cycle_id) references reconciliation_cycle (tenant_id, id)
);
select app.protect('cycle_step');
