import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Where secrets belong: sealed, and nowhere else. */
const SEALED = new Set(['connection_secret']);

type Ask = <T extends object>(sql: string, values?: readonly (readonly string[])[]) => Promise<readonly T[]>; // prettier-ignore

/** The tables, of all that whoever asks may see, that hold one of these texts anywhere in a row. */
export async function tablesWith(
  ask: Ask,
  canaries: readonly string[],
): Promise<readonly string[]> {
  const found: string[] = [];
  const tables = await ask<{ name: string }>(
    `select c.relname as name from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
       and c.relrowsecurity and has_table_privilege(c.oid, 'select') order by 1`,
  );
  for (const { name: table } of tables.filter(({ name }) => !SEALED.has(name))) {
    const rows = await ask(
      `select from public.${table} t
       where exists (select from unnest($1::text[]) as c (text) where strpos(to_jsonb(t)::text, c.text) > 0) limit 1`,
      [canaries],
    );
    if (rows.length > 0) found.push(table);
  }
  return found;
}

/** The files below a folder as text; one that is gone meanwhile is empty. */
export async function filesOf(
  folder: string,
): Promise<readonly { readonly path: string; readonly text: string }[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name)); // prettier-ignore
  return Promise.all(
    paths.map(async (path) => ({ path, text: await readFile(path, 'utf8').catch(() => '') })),
  );
}
