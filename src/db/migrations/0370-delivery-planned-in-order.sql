-- breaking: no

-- Whoever sends takes the oldest few of what waits, however much waits. The joined text is that of the statement: without
-- statistics of today the index of all that is open looks as good, and would be read and sorted whole for every batch.
create index intent_planned on intent (tenant_id, connection, object, created_at, id) where (state || '') = 'PLANNED';
