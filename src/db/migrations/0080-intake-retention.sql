-- breaking: no

-- What intake may remove once it is older than the company keeps it, and the indexes that find it.
grant delete on table source_record_version to trueup_app;
create index source_record_version_by_age on source_record_version (tenant_id, replaced_at);
create index run_by_end on run (tenant_id, finished_at) where finished_at is not null;
create index inbox_by_age on inbox (tenant_id, received_at) where processed_at is not null;
create index quarantine_by_end on quarantine (tenant_id, resolved_at) where status <> 'open';
create index quarantine_of_run on quarantine (tenant_id, run_id) where status = 'open';
