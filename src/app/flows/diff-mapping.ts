import type { TenantTx } from '../../db/store.ts';
import { NotFoundError } from '../../kernel/errors.ts';
import { getDraft } from '../../mapping/drafts.ts';
import type { MappingDocument } from '../../mapping/language/mapping-document.ts';
import { semanticDiff, type MappingDifference } from '../../mapping/semantic-diff.ts';
import { liveVersion, versionOf } from '../../mapping/versions.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';

/** A content of a mapping: a version's number, what is in effect, or what is being written. */
export type ContentRef = number | 'live' | 'draft';

export interface MappingDiff {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly differences: readonly MappingDifference[];
}

/** What differs between two contents of a mapping, in words. Throws NotFoundError. */
export function diffMapping(
  deps: Deps,
  caller: Caller,
  input: { readonly id: string; readonly from: ContentRef; readonly to: ContentRef },
): Promise<MappingDiff> {
  return deps.store.readTenant(caller.tenantId, async (tx) => {
    const { id, from, to } = input;
    const before = await contentOf(deps, tx, id, from);
    const after = await contentOf(deps, tx, id, to);
    return { id, from: String(from), to: String(to), differences: semanticDiff(before, after) };
  });
}

async function contentOf(
  { mappings }: Pick<Deps, 'mappings'>,
  tx: TenantTx,
  id: string,
  ref: ContentRef,
): Promise<MappingDocument> {
  if (ref === 'draft') return (await getDraft(tx, id)).document;
  if (ref !== 'live') return (await versionOf(tx, mappings, id, ref)).document;
  const live = await liveVersion(tx, mappings, id);
  if (live !== null) return live.document;
  throw new NotFoundError(
    `Nothing is in effect under "${id}". \`trueup mappings list\` shows what is.`,
  );
}
