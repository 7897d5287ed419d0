-- breaking: no

-- What is accepted is accepted by somebody, for a reason and until a day; from that day on it is open again.
alter table finding add column accepted_by text;
alter table finding add column accepted_reason text;
alter table finding add column accepted_until date;
