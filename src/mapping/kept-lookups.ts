import type { TenantTx } from '../db/store.ts';
import { textList } from '../db/text-list.ts';
import {
  NotFoundError,
  PreconditionFailed,
  StaleError,
  ValidationError,
} from '../kernel/errors.ts';
import type { Json } from '../kernel/hash.ts';
import {
  changesOf,
  misfit,
  problemsOf,
  type EntryChange,
  type WantedEntries,
} from './lookup-changes.ts';
import { kindOfName, type EntryProblem, type LookupKind } from './lookup-kinds.ts';

/** A lookup table without its entries. */
export interface LookupTable {
  readonly name: string;
  readonly kind: LookupKind;
  readonly title: string;
  readonly version: number;
  readonly entries: number;
  readonly updatedAt: Date;
  readonly updatedBy: string;
  /** Another one after every change. */
  readonly tag: string;
}

/** What came of a change of a table. */
export interface ChangedLookup {
  readonly table: LookupTable;
  readonly changes: readonly EntryChange[];
}

export interface LookupEdit extends WantedEntries {
  readonly name: string;
  /** The tag of the table that the writer saw; null where the caller has made sure itself. */
  readonly seen: string | null;
  readonly action: 'made' | 'set' | 'imported' | 'accepted' | 'restored';
  readonly note: string;
  readonly person: string;
}

const NAME = /^[a-z][a-z0-9-]{0,62}$/;
const COLUMNS = `l.name, l.kind, l.title, l.version, l.updated_at as "updatedAt", l.updated_by as "updatedBy",
  l.name || '.' || l.version as tag,
  (select count(*)::int from lookup_entry e where e.tenant_id = l.tenant_id and e.name = l.name) as entries`;

/** Every lookup table, by name. */
export async function listLookupTables(tx: TenantTx): Promise<readonly LookupTable[]> {
  return tx.sql<LookupTable>(`select ${COLUMNS} from lookup l order by l.name`);
}

/** One lookup table. Throws NotFoundError. */
export async function getLookupTable(tx: TenantTx, name: string): Promise<LookupTable> {
  const [row] = await tx.sql<LookupTable>(`select ${COLUMNS} from lookup l where l.name = $1`, [
    name,
  ]);
  if (row !== undefined) return row;
  throw new NotFoundError(
    `There is no lookup table "${name}". \`trueup lookups list\` shows those there are.`,
  );
}

/** Entries by key: of now, or as they were at a version. Throws NotFoundError for a version that never was. */
export async function lookupEntries(
  tx: TenantTx,
  table: Pick<LookupTable, 'name' | 'version'>,
  version: number = table.version,
): Promise<ReadonlyMap<string, Json>> {
  if (version > table.version || version < 1) {
    throw new NotFoundError(
      `The lookup table "${table.name}" has the versions 1 to ${table.version}.`,
    );
  }
  const rows = await tx.sql<{ key: string; value: Json }>(
    version === table.version
      ? `select e.key, e.value from lookup_entry e where e.name = $1 and $2::int is not null order by e.key collate "C"`
      : `select d.key, d.after as value from (select distinct on (c.key) c.key, c.after, c.after is not null as held
           from lookup_change c where c.name = $1 and c.version <= $2 order by c.key, c.version desc) d
         where d.held order by d.key collate "C"`,
    [table.name, version],
  );
  return new Map(rows.map(({ key, value }) => [key, value]));
}

/** What a table should hold that is now mapped with it is held still until the transaction ends. */
export async function holdLookups(tx: TenantTx): Promise<void> {
  await tx.sql(
    `select pg_advisory_xact_lock_shared(hashtextextended('lookups:' || app.tenant(), 0))`,
  );
}

/** Waits for all mapping that has read a table, so that whoever changes it sees which records asked for what. */
async function waitForMapping(tx: TenantTx): Promise<void> {
  await tx.sql(`select pg_advisory_xact_lock(hashtextextended('lookups:' || app.tenant(), 0))`);
}

/** Makes a lookup table with its first entries. Throws a ValidationError for a name or entry that does not fit, StaleError for a name that is taken. */
export async function makeLookupTable(
  tx: TenantTx,
  table: {
    readonly name: string;
    readonly kind?: LookupKind | undefined;
    readonly title: string;
    readonly note: string;
    readonly person: string;
    readonly entries: ReadonlyMap<string, Json>;
  },
): Promise<ChangedLookup> {
  const { name, title, person, note } = table;
  const kind = kindFor(name, table.kind);
  await waitForMapping(tx);
  const made = await tx.run(
    `insert into lookup (tenant_id, name, kind, title, updated_by) values ($1, $2, $3, $4, $5) on conflict do nothing`,
    [tx.tenantId, name, kind, title, person],
  );
  if (made === 0) throw new StaleError(`There is a lookup table "${name}" already.`);
  const edit = { name, note, person, action: 'made', set: table.entries, remove: [] } as const;
  const changes = await planChanges(tx, kind, edit);
  await keepVersion(tx, edit, 1, changes);
  return { table: await getLookupTable(tx, name), changes };
}

function kindFor(name: string, wanted: LookupKind | undefined): LookupKind {
  if (!NAME.test(name)) {
    throw new ValidationError(
      `"${name}" is not a name for a lookup table. Use small letters, digits and hyphens.`,
    );
  }
  const fixed = kindOfName(name);
  if (fixed !== null && wanted !== undefined && wanted !== fixed)
    throw new ValidationError(`The lookup table "${name}" is of the kind ${fixed}, not ${wanted}.`);
  return fixed ?? wanted ?? 'free';
}

/**
 * Changes entries, all or none, as a new version; what changes nothing makes none. Throws NotFoundError,
 * PreconditionFailed where the table is not what the writer saw, and a ValidationError with every entry that does not fit.
 */
export async function changeLookupTable(tx: TenantTx, edit: LookupEdit): Promise<ChangedLookup> {
  await waitForMapping(tx);
  const table = await getLookupTable(tx, edit.name);
  requireSeen(table, edit.seen);
  const changes = await planChanges(tx, table.kind, edit);
  if (changes.length === 0) return { table, changes };
  await tx.run(
    `update lookup l set version = l.version + 1, updated_at = app.clock(), updated_by = $2 where l.name = $1`,
    [edit.name, edit.person],
  );
  await keepVersion(tx, edit, table.version + 1, changes);
  return { table: await getLookupTable(tx, edit.name), changes };
}

/** What an edit would change. Nothing is written. Throws as {@link changeLookupTable}. */
export async function previewLookupEdit(
  tx: TenantTx,
  edit: Pick<LookupEdit, 'name' | 'set' | 'remove'>,
): Promise<{
  readonly changes: readonly EntryChange[];
  readonly problems: readonly EntryProblem[];
}> {
  const table = await getLookupTable(tx, edit.name);
  const before = await lookupEntries(tx, table);
  return { changes: changesOf(before, edit), problems: problemsOf(table.kind, before, edit) };
}

function requireSeen(table: LookupTable, seen: string | null): void {
  if (seen === null || seen === table.tag) return;
  throw new PreconditionFailed(
    `The lookup table "${table.name}" is at version ${table.version}, which is not the one that you saw. Read it again.`,
  );
}

async function planChanges(
  tx: TenantTx,
  kind: LookupKind,
  wanted: WantedEntries & Pick<LookupEdit, 'name'>,
): Promise<readonly EntryChange[]> {
  const rows = await tx.sql<{ key: string; value: Json }>(
    `select e.key, e.value from lookup_entry e where e.name = $1`,
    [wanted.name],
  );
  const before = new Map(rows.map(({ key, value }) => [key, value]));
  const problems = problemsOf(kind, before, wanted);
  if (problems.length > 0) throw misfit(wanted.name, problems);
  return changesOf(before, wanted);
}

async function keepVersion(
  tx: TenantTx,
  { name, action, note, person }: Pick<LookupEdit, 'name' | 'action' | 'note' | 'person'>,
  version: number,
  changes: readonly EntryChange[],
): Promise<void> {
  const gone = changes.filter(({ kind }) => kind === 'removed').map(({ key }) => key);
  const held = changes.filter(({ kind }) => kind !== 'removed');
  const count = (kind: EntryChange['kind']): number =>
    changes.filter((change) => change.kind === kind).length;
  await tx.run(`delete from lookup_entry e where e.name = $1 and e.key = any($2::text[])`, [
    name,
    textList(gone),
  ]);
  await tx.run(
    `insert into lookup_entry (tenant_id, name, key, value)
     select $1, $2, n.key, n.value::jsonb from unnest($3::text[], $4::text[]) as n (key, value)
     on conflict (tenant_id, name, key) do update set value = excluded.value`,
    [
      tx.tenantId,
      name,
      textList(held.map(({ key }) => key)),
      textList(held.map(({ after }) => JSON.stringify(after))),
    ],
  );
  await tx.run(
    `insert into lookup_version (tenant_id, name, version, action, note, changed_by, added, changed, removed, entries)
     select $1, $2, $3, $4, $5, $6, $7, $8, $9, (select count(*) from lookup_entry e where e.tenant_id = $1 and e.name = $2)`,
    [
      tx.tenantId,
      name,
      version,
      action,
      note,
      person,
      count('added'),
      count('changed'),
      gone.length,
    ],
  );
  await tx.run(
    `insert into lookup_change (tenant_id, name, version, key, before, after)
     select $1, $2, $3, n.key, case n.kind when 'added' then null else n.before::jsonb end,
       case n.kind when 'removed' then null else n.after::jsonb end
     from unnest($4::text[], $5::text[], $6::text[], $7::text[]) as n (key, kind, before, after)`,
    [
      tx.tenantId,
      name,
      version,
      textList(changes.map(({ key }) => key)),
      textList(changes.map(({ kind }) => kind)),
      textList(changes.map(({ before }) => JSON.stringify(before))),
      textList(changes.map(({ after }) => JSON.stringify(after))),
    ],
  );
}
