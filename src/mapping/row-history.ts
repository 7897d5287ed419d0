import { semanticDiff, type MappingDifference } from './semantic-diff.ts';
import type { MappingVersion } from './versions.ts';

/** A version that changed a row, and how. */
export interface RowVersion {
  readonly version: number;
  readonly origin: MappingVersion['origin'];
  readonly inEffect: boolean;
  readonly publishedAt: Date | null;
  readonly publishedBy: string | null;
  readonly note: string;
  readonly changeId: string | null;
  readonly rolledBackTo: number | null;
  readonly differences: readonly MappingDifference[];
}

/**
 * The versions that changed a row, or a row within it, newest first; each is held against the one before it, and the
 * oldest one that has the row is where it began. `versions` are newest first. Pure.
 */
export function rowHistory(
  versions: readonly MappingVersion[],
  row: string,
): readonly RowVersion[] {
  return versions.flatMap((version, at) => {
    const before = versions[at + 1]?.document ?? null;
    const differences = semanticDiff(before, version.document).filter(
      (each) => each.row === row || each.row?.startsWith(`${row}.`) === true,
    );
    return differences.length === 0 ? [] : [{ ...headOf(version), differences }];
  });
}

function headOf(version: MappingVersion): Omit<RowVersion, 'differences'> {
  const { origin, inEffect, publishedAt, publishedBy, note, changeId, rolledBackTo } = version;
  return {
    version: version.version,
    origin,
    inEffect,
    publishedAt,
    publishedBy,
    note,
    changeId,
    rolledBackTo,
  };
}
