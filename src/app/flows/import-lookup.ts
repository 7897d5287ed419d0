import type { TenantTx } from '../../db/store.ts';
import { PreconditionFailed, ValidationError } from '../../kernel/errors.ts';
import type { EntryChange } from '../../mapping/lookup-changes.ts';
import {
  readLookupFile,
  type CellProblem,
  type LookupFile,
  type LookupFormat,
} from '../../mapping/lookup-file.ts';
import {
  changeLookupTable,
  getLookupTable,
  previewLookupEdit,
} from '../../mapping/kept-lookups.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';
import { followLookup, type LookupAfter } from '../keep-lookup.ts';

/** What a file would change, or changed. */
export interface LookupImport {
  readonly dryRun: boolean;
  readonly ok: boolean;
  readonly changes: readonly (EntryChange & { readonly line: number | null })[];
  readonly invalid: readonly CellProblem[];
  /** Null where nothing was changed. */
  readonly done: LookupAfter | null;
}

interface Import {
  readonly name: string;
  readonly seen: string;
  readonly text: string;
  readonly format: LookupFormat;
  /** Takes entries away that the file does not have. */
  readonly replace: boolean;
  readonly note: string;
  readonly dryRun: boolean;
}

/** Problems that are told at once. */
const MOST = 200;

/**
 * Takes the entries of a file over, all or none; a dry run shows what it would add, change and remove, and every cell
 * that does not fit, with its line. Throws NotFoundError, PreconditionFailed, and unless it is a dry run a
 * ValidationError with those cells.
 */
export function importLookup(deps: Deps, caller: Caller, input: Import): Promise<LookupImport> {
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    const file = readLookupFile(input.text, input.format);
    const { changes, invalid } = await lookOver(tx, input, file);
    const shown = changes.map((change) => ({
      ...change,
      line: file.lines.get(change.key) ?? null,
    }));
    const { dryRun } = input;
    if (dryRun) {
      const { tag } = await getLookupTable(tx, input.name);
      if (tag !== input.seen)
        throw new PreconditionFailed(`The lookup table "${input.name}" was changed meanwhile.`);
      return { dryRun, ok: invalid.length === 0, changes: shown, invalid, done: null };
    }
    if (invalid.length > 0) throw refusal(input.name, invalid);
    const done = await keep(deps, tx, caller, input, file);
    return { dryRun, ok: true, changes: shown, invalid, done };
  });
}

async function lookOver(
  tx: TenantTx,
  { name, replace }: Import,
  file: LookupFile,
): Promise<{ readonly changes: readonly EntryChange[]; readonly invalid: readonly CellProblem[] }> {
  const remove = replace ? 'others' : [];
  const found = await previewLookupEdit(tx, { name, set: file.entries, remove });
  const misfits = found.problems.map(({ key, member, code, message }) => ({
    line: file.lines.get(key) ?? null,
    column: member ?? 'key',
    code,
    message,
  }));
  const invalid = [...file.problems, ...misfits].toSorted(
    (a, b) => (a.line ?? 0) - (b.line ?? 0) || (String(a.column) < String(b.column) ? -1 : 1),
  );
  // A file with wrong lines would seem to take away what those lines hold.
  const changes = file.problems.length > 0 ? found.changes.filter(({ kind }) => kind !== 'removed') : found.changes; // prettier-ignore
  return { changes, invalid };
}

async function keep(
  deps: Deps,
  tx: TenantTx,
  caller: Caller,
  { name, seen, replace, note }: Import,
  file: LookupFile,
): Promise<LookupAfter> {
  const changed = await changeLookupTable(tx, {
    name,
    seen,
    note,
    set: file.entries,
    remove: replace ? 'others' : [],
    person: caller.actor,
    action: 'imported',
  });
  return followLookup(deps, tx, caller, changed, { action: 'lookup.imported', note });
}

function refusal(name: string, invalid: readonly CellProblem[]): ValidationError {
  const problems = invalid.slice(0, MOST).map(({ line, column, code, message }) => ({
    pointer: `/text/${line ?? ''}${column === null ? '' : `/${column}`}`,
    code,
    message: line === null ? message : `Line ${line}: ${message}`,
    line,
    row: column,
  }));
  return new ValidationError(
    `The file does not fit the lookup table "${name}", so nothing was changed. ${invalid.length} cells are wrong.`,
    { details: { problems } },
  );
}
