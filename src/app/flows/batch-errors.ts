import { HubError } from '../../kernel/errors.ts';
import { requirePermission, type Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';
import { decideError, type ErrorWord } from './decide-error.ts';
import { retryErrors, type Retried } from './retry-errors.ts';

/** What came of one of several. */
export interface BatchResult {
  readonly id: string;
  readonly ok: boolean;
  readonly retried: Retried | null;
  /** Why not; null where it was done. */
  readonly problem: {
    readonly status: number;
    readonly code: string;
    readonly detail: string;
  } | null;
}

/**
 * The same word about several causes, records and writes, each for itself: one that cannot be done keeps no other from
 * it. An id that is named twice is done once.
 */
export async function batchErrors(
  deps: Pick<Deps, 'store' | 'queue' | 'mappings'>,
  caller: Caller,
  input: { readonly ids: readonly string[]; readonly word: ErrorWord | { readonly do: 'retry' } },
): Promise<readonly BatchResult[]> {
  const { word } = input;
  if (word.do !== 'retry') requirePermission(caller, 'errors:decide');
  const results: BatchResult[] = [];
  for (const id of new Set(input.ids)) {
    try {
      const retried =
        word.do === 'retry'
          ? await retryErrors(deps, caller, { id })
          : await decideError(deps, caller, { ...word, id }).then(() => null);
      results.push({ id, ok: true, retried, problem: null });
    } catch (error) {
      if (!(error instanceof HubError) || error.status >= 500) throw error;
      const { status, code, message: detail } = error;
      results.push({ id, ok: false, retried: null, problem: { status, code, detail } });
    }
  }
  return results;
}
