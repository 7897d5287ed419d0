import { NotFoundError } from '../../kernel/errors.ts';
import {
  findDraft,
  newestVersion,
  type MappingDraft,
  type SeenDraft,
} from '../../mapping/drafts.ts';
import { editMappingText } from '../../mapping/language/edit-mapping-text.ts';
import { MappingEdit } from '../../mapping/language/mapping-edit.ts';
import { liveVersion, textUnder } from '../../mapping/versions.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';
import { keepDraft } from './save-draft.ts';

export { MappingEdit };

/**
 * Edits rows of a draft; where there is none it begins with what is in effect. Comments and every line that is not
 * concerned stay as they are. Throws as `saveDraft`, and NotFoundError for a mapping that does not exist.
 */
export function editDraft(
  deps: Deps,
  caller: Caller,
  input: {
    readonly id: string;
    readonly seen: SeenDraft;
    readonly edits: readonly MappingEdit[];
    /** The version in effect that the edits were begun over; the draft's own base when absent. */
    readonly baseVersion?: number | undefined;
  },
): Promise<MappingDraft> {
  const { id, seen, edits, baseVersion } = input;
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    const draft = await findDraft(tx, id);
    const live = draft === null ? await liveVersion(tx, deps.mappings, id) : null;
    if (draft === null && live === null) {
      throw new NotFoundError(
        `There is no mapping "${id}". \`trueup mappings list\` shows those there are.`,
      );
    }
    const start =
      draft?.text ??
      (live === null ? '' : textUnder(live, (await newestVersion(tx, deps.mappings, id)) + 1));
    return keepDraft(deps, tx, caller, {
      id,
      seen,
      baseVersion,
      text: editMappingText(start, edits),
    });
  });
}
