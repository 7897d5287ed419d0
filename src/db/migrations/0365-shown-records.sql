-- breaking: no

-- The newest plan whose state was shown at a record, so that what happens to an older plan of it is not shown over that.
create table shown_record (
  tenant_id  text not null,
  connection text not null,
  object     text not null,
  vendor_id  text not null,
  plan_id    text not null,
  -- The change of the record that was nothing but our status, by the vendor's clock, as it was read back.
  changed_at timestamptz,
  primary key (tenant_id, connection, object, vendor_id)
);
select app.protect('shown_record');
