-- breaking: no

-- What the other system held before a mapping version wrote a record for the first time: {"absent":true}, or
-- {"vendorId","fields"}. Null where an earlier revision of that version has it, or nobody could say.
alter table intent add column before_image jsonb;
create index intent_of_mapping on intent (tenant_id, (mapping ->> 'id'), external_id, revision) where mapping is not null;
