import { findDraft } from '../../mapping/drafts.ts';
import { rowHistory, type RowVersion } from '../../mapping/row-history.ts';
import { versionsOf } from '../../mapping/versions.ts';
import { NotFoundError } from '../../kernel/errors.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';

/**
 * The versions that changed one row of a mapping, newest first; none for a row that only a draft has. Throws NotFoundError
 * for a mapping that nobody knows, and for a row that it never had.
 */
export function showRowHistory(
  deps: Pick<Deps, 'store' | 'mappings'>,
  caller: Caller,
  { id, row }: { readonly id: string; readonly row: string },
): Promise<readonly RowVersion[]> {
  return deps.store.readTenant(caller.tenantId, async (tx) => {
    const versions = await versionsOf(tx, deps.mappings, id);
    const history = rowHistory(versions, row);
    if (history.length > 0) return history;
    const draft = await findDraft(tx, id);
    if (versions.length === 0 && draft === null)
      throw new NotFoundError(
        `There is no mapping "${id}". \`trueup mappings list\` shows those there are.`,
      );
    if (draft !== null && Object.hasOwn(draft.document.fields, row)) return [];
    throw new NotFoundError(`The mapping "${id}" never had a row "${row}".`);
  });
}
