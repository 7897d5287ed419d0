-- breaking: no

-- Reconciliation runs with their position lines, and the findings that live across runs.

create table reconciliation_run (
  tenant_id text not null,
  id text not null,
  as_of date not null,
  known_at timestamptz not null,
  rule_versions jsonb not null,
  input_hash text not null,
  result_hash text not null,
  status text not null check (status in ('computed', 'failed', 'superseded')),
  -- True if every input was certified complete: only then may a finding that was not seen be resolved.
  complete boolean not null,
  -- False for a look into the past, which leaves findings alone.
  current boolean not null,
  counts jsonb not null,
  started_at timestamptz not null,
  finished_at timestamptz not null,
  primary key (tenant_id, id)
);
select app.protect('reconciliation_run');

create table position_line (
  tenant_id text not null,
  run_id text not null,
  -- The same for the same pool in every run.
  line_id text not null,
  posture text not null check (posture in ('licensor', 'licensee')),
  owner_ref text not null,
  owner_name text,
  sku_code text not null,
  metric_code text,
  status text not null,
  rights_owned numeric(20, 6),
  rights_required numeric(20, 6) not null,
  rights_in_use numeric(20, 6) not null,
  surplus numeric(20, 6),
  shortfall numeric(20, 6),
  true_up_cost numeric(24, 4),
  currency text,
  body jsonb not null,
  inputs jsonb not null,
  steps jsonb not null,
  primary key (tenant_id, run_id, line_id),
  foreign key (tenant_id, run_id) references reconciliation_run (tenant_id, id) on delete cascade
);
create index position_line_by_line on position_line (tenant_id, line_id, run_id);
create index position_line_by_owner on position_line (tenant_id, run_id, owner_ref);
select app.protect('position_line');

create table finding (
  tenant_id text not null,
  id text not null,
  kind text not null,
  severity text not null check (severity in ('low', 'medium', 'high', 'critical')),
  subject_type text not null,
  subject_id text not null,
  sku_code text,
  amount numeric(24, 4),
  currency text,
  evidence jsonb not null,
  summary text not null,
  owner text,
  due_at date not null,
  status text not null check (status in ('open', 'in_progress', 'accepted', 'resolved')),
  first_run_id text not null,
  last_run_id text not null,
  opened_at timestamptz not null,
  resolved_at timestamptz,
  primary key (tenant_id, id)
);
create index finding_by_status on finding (tenant_id, status, kind, subject_id);
select app.protect('finding');
