import { semanticDiff } from '../mapping/semantic-diff.ts';
import type { MappingVersion } from '../mapping/versions.ts';

/**
 * The versions that a roll back undoes: those that came into effect since the wanted content last was, newest first.
 * `versions` are all of the mapping, newest first. Pure.
 */
export function undoneVersions(
  versions: readonly Pick<MappingVersion, 'version' | 'document'>[],
  wanted: Pick<MappingVersion, 'document'>,
): readonly number[] {
  const last = versions.findIndex(
    ({ document }) => semanticDiff(document, wanted.document).length === 0,
  );
  const undone = last < 0 ? versions : versions.slice(0, last);
  return undone.map(({ version }) => version);
}
