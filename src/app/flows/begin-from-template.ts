import { listConnections } from '../../intake/connections.ts';
import type { MappingDraft } from '../../mapping/drafts.ts';
import { textFromTemplate, type FromTemplate } from '../../mapping/template.ts';
import { liveVersion } from '../../mapping/versions.ts';
import { NotFoundError } from '../../kernel/errors.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';
import { newMapping } from './save-draft.ts';

/**
 * Begins a mapping with the rows of one that is in effect, as a draft under an id of its own. Throws NotFoundError for a
 * template that is not in effect, StaleError where the id is taken, and ValidationError where both would be about the same
 * records, or where the result does not fit.
 */
export async function beginFromTemplate(
  deps: Deps,
  caller: Caller,
  { template, ...wanted }: FromTemplate & { readonly template: string },
): Promise<MappingDraft> {
  const text = await deps.store.readTenant(caller.tenantId, async (tx) => {
    const live = await liveVersion(tx, deps.mappings, template);
    if (live === null)
      throw new NotFoundError(
        `Nothing is in effect under "${template}". \`trueup mappings list\` shows what is.`,
      );
    const connectors = new Map(
      (await listConnections(tx)).map((each) => [each.id, each.connector]),
    );
    return textFromTemplate(live, wanted, (name) => connectors.get(name) ?? name);
  });
  return newMapping(deps, caller, { text });
}
