-- breaking: no

-- How much a mapping failed on lately is counted for every mapping at once, whether it was mended since or not.
create index quarantine_of_mapping on quarantine (tenant_id, mapping_id, (coalesce(seen_at, opened_at)))
  where mapping_id <> '';
