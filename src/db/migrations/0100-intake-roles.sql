-- breaking: no
-- Licence servers, seat lists and inventories are connected systems too.
alter table connection drop constraint connection_role_check;
alter table connection add constraint connection_role_check
  check (role in ('crm', 'erp', 'directory', 'file', 'usage', 'assets'));
