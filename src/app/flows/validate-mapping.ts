import type { MappingProblem } from '../../mapping/language/mapping-problem.ts';
import { validateMapping as validate } from '../../mapping/validate.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';

/** What can be said of a text without a store and without a system: empty problems if and only if it fits. */
export interface ValidatedMapping {
  readonly ok: boolean;
  readonly problems: readonly MappingProblem[];
}

/** Checks a text and runs its own tests. Stores nothing, and throws nothing on a text that does not fit. */
export async function validateMapping(
  { mappings }: Pick<Deps, 'mappings'>,
  _caller: Caller,
  { text }: { readonly text: string },
): Promise<ValidatedMapping> {
  const checked = validate(text, 'the text', mappings);
  return { ok: checked.ok, problems: checked.ok ? [] : checked.problems };
}
