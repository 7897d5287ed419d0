import type pg from 'pg';

/** One table of the program, as the catalogue describes it. */
export interface ProtectedTable {
  readonly name: string;
  readonly secured: boolean;
  readonly forced: boolean;
  /** The first column of the primary key, with its type. */
  readonly firstKey: string | null;
  readonly policies: readonly string[];
}

interface Column {
  readonly name: string;
  readonly type: string;
  readonly category: string;
  readonly label: string | null;
}

/** Tables that belong to no tenant (contracts of the store): the tenants themselves and the migrations. */
const SHARED = ['tenant', 'migration'];

/** Every table of schema public but the shared ones, found in the catalogue, so that a new one is covered. */
export async function listProtectedTables(admin: pg.Client): Promise<readonly ProtectedTable[]> {
  const { rows } = await admin.query<ProtectedTable>(
    `select c.relname as name, c.relrowsecurity as secured, c.relforcerowsecurity as forced,
      (select a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
        from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
        where i.indrelid = c.oid and i.indisprimary) as "firstKey",
      array(select p.polname::text from pg_policy p where p.polrelid = c.oid order by 1) as policies
    from pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and c.relname <> all ($1)
    order by c.relname`,
    [SHARED],
  );
  return rows;
}

async function listColumns(admin: pg.Client, table: string): Promise<readonly Column[]> {
  const { rows } = await admin.query<Column>(
    `select a.attname as name, format_type(t.oid, a.atttypmod) as type, t.typcategory as category,
      (select e.enumlabel::text from pg_enum e where e.enumtypid = t.oid order by e.enumsortorder limit 1) as label
    from pg_attribute a join pg_type t on t.oid = a.atttypid
    where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped
      and a.attgenerated = '' and a.attidentity = ''
    order by a.attnum`,
    [table],
  );
  return rows;
}

/** Some value of a type, by the categories of pg_type. */
function literal(column: Column): string {
  const byType: Readonly<Record<string, string>> = {
    json: '{}',
    jsonb: '{}',
    uuid: '00000000-0000-0000-0000-000000000000',
    bytea: '\\x00',
  };
  const byCategory: Readonly<Record<string, string>> = {
    A: '{}',
    B: 'true',
    D: '2026-03-02',
    E: column.label ?? '',
    N: '1',
    R: 'empty',
    S: 'x',
    T: '1 day',
  };
  return byType[column.type] ?? byCategory[column.category] ?? 'x';
}

/**
 * The statement that puts one row of a tenant into a table, with a value made up for every column.
 * The made-up values fit the types only, so the caller has to drop the checks first.
 */
export async function insertStatement(
  admin: pg.Client,
  table: string,
  tenantId: string,
): Promise<string> {
  const columns = await listColumns(admin, table);
  const names = columns.map((column) => `"${column.name}"`).join(', ');
  const values = columns.map((column) =>
    column.name === 'tenant_id' ? `'${tenantId}'` : `'${literal(column)}'::${column.type}`,
  );
  return `insert into public."${table}" (${names}) values (${values.join(', ')})`;
}

/** Drops all checks and foreign keys of a table of this throw-away database; row-level security stays. */
export async function dropChecks(admin: pg.Client, table: string): Promise<void> {
  const { rows } = await admin.query<{ name: string }>(
    `select conname as name from pg_constraint where conrelid = $1::regclass and contype in ('c', 'f')`,
    [table],
  );
  for (const { name } of rows)
    await admin.query(`alter table public."${table}" drop constraint "${name}" cascade`);
}
