-- breaking: no

-- Tenancy for every other table: roles, the tenant of a transaction, and the functions that protect a table.
-- Roles belong to the whole cluster, so another database of it may have made them already.

create schema app;

do $$
declare
  wanted text;
begin
  foreach wanted in array array['trueup_app', 'trueup_sweeper'] loop
    if not exists (select from pg_catalog.pg_roles where rolname = wanted) then
      begin
        execute format('create role %I nologin nosuperuser nobypassrls', wanted);
      exception when duplicate_object or unique_violation then
        null; -- another database of the cluster was migrated at the same moment
      end;
    end if;
    -- SET but not INHERIT: an owner that inherited trueup_sweeper would also inherit its policies.
    if not pg_has_role(current_user, wanted, 'set') then
      execute format('grant %I to %I with set true, inherit false', wanted, current_user);
    end if;
  end loop;
end
$$;

grant usage on schema app to trueup_app, trueup_sweeper;
grant usage on schema public to trueup_app, trueup_sweeper;

-- Whole milliseconds, because a JavaScript Date holds no more: a stamp that was read and sent back compares equal.
create function app.clock() returns timestamptz
language sql volatile parallel safe
as $$ select date_trunc('milliseconds', clock_timestamp()) $$;

create table public.tenant (
  id text primary key check (id ~ '^[a-z][a-z0-9-]{0,62}$'),
  name text not null check (name <> ''),
  created_at timestamptz not null default app.clock(),
  settings jsonb not null default '{}'::jsonb check (jsonb_typeof(settings) = 'object')
);
grant select on public.tenant to trueup_app;

-- Raises instead of giving null: an absent tenant that matched no rows would let a sweep succeed on nothing.
-- Its cost is set low because a statement calls it once or twice, not once a row (see app.secure).
create function app.tenant() returns text
language plpgsql stable parallel safe cost 0.01
as $$
declare
  id text := current_setting('app.tenant', true);
begin
  if id is null or id = '' then
    raise exception 'no tenant is set for this transaction'
      using errcode = 'insufficient_privilege', hint = 'Read and write through withTenant().';
  end if;
  return id;
end
$$;

-- Sets the tenant for the rest of the transaction; P0002 if there is none of that id.
create function app.enter(wanted text) returns void
language plpgsql volatile
as $$
begin
  if not exists (select from public.tenant where tenant.id = wanted) then
    raise exception 'there is no tenant "%"', wanted using errcode = 'no_data_found';
  end if;
  perform set_config('app.tenant', wanted, true);
end
$$;

-- Forces row-level security on a table whose primary key begins with tenant_id.
--
-- The policy asks in two ways on purpose. `tenant_id = (select app.tenant())` runs the function once per statement
-- and lets an index serve the condition, but on an empty table it does not run at all. The second condition is
-- true for every row, because no tenant id is empty, and never reaches its right side; but the planner evaluates
-- `app.tenant()` to estimate it, so a statement without a tenant raises even where there is no row to see.
create function app.secure(target regclass) returns void
language plpgsql volatile
as $$
declare
  first_key_column name;
begin
  select a.attname into first_key_column
  from pg_catalog.pg_index i
  join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
  where i.indrelid = target and i.indisprimary;
  if first_key_column is distinct from 'tenant_id' then
    raise exception 'the primary key of % begins with %, not with tenant_id', target,
      coalesce(first_key_column::text, 'nothing');
  end if;
  execute format('alter table %s enable row level security', target);
  execute format('alter table %s force row level security', target);
  execute format(
    'create policy tenant on %s as permissive for all to public '
    'using (tenant_id = (select app.tenant()) and (tenant_id <> '''' or tenant_id = app.tenant())) '
    'with check (tenant_id = (select app.tenant()))', target);
end
$$;

-- An ordinary table of a room.
create function app.protect(target regclass) returns void
language plpgsql volatile
as $$
begin
  perform app.secure(target);
  execute format('grant select, insert, update, delete on table %s to trueup_app', target);
end
$$;

-- A table whose rows are never changed or removed by the program.
create function app.protect_append_only(target regclass) returns void
language plpgsql volatile
as $$
begin
  perform app.secure(target);
  execute format('grant select, insert on table %s to trueup_app', target);
end
$$;

-- Lets the sweeper's functions read a table across tenants. They return ids and nothing else.
create function app.let_sweep(target regclass) returns void
language plpgsql volatile
as $$
begin
  execute format('create policy sweep on %s as permissive for select to trueup_sweeper using (true)', target);
  execute format('grant select on table %s to trueup_sweeper', target);
end
$$;

-- Makes a function run with the sweeper's rights and nothing more, for the owner of the schema alone.
create function app.run_as_sweeper(target regprocedure) returns void
language plpgsql volatile
as $$
declare
  caller name := current_user;
begin
  execute format('revoke all on function %s from public', target);
  execute format('alter function %s security definer', target);
  execute format('alter function %s set search_path = pg_catalog, pg_temp', target);
  execute format('alter function %s owner to trueup_sweeper', target);
  -- A change of owner takes the old owner's grants along, so the right to call comes last, from the new one.
  set local role trueup_sweeper;
  execute format('grant execute on function %s to %I', target, caller);
  execute format('set local role %I', caller);
end
$$;

grant create on schema app to trueup_sweeper; -- required of a new owner; the role cannot log in

-- These change who may see what; only the owner calls them, in migrations.
revoke all on function app.secure(regclass), app.protect(regclass), app.protect_append_only(regclass),
  app.let_sweep(regclass), app.run_as_sweeper(regprocedure) from public;
