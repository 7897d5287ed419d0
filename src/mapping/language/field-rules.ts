import { isEachRow, type MappingDocument, type Row, type SyncRule } from './mapping-document.ts';

/** What a row says about a field that both sides may write. */
export interface FieldRule {
  /** The target field, as the row is named. */
  readonly field: string;
  readonly rule: SyncRule;
  /** What no value means: `keep` leaves the target's value, `clear` empties it. */
  readonly blankPolicy: 'keep' | 'clear';
}

/** The rule of a row that names none. */
const USUAL: SyncRule = 'prefer-source-unless-blank';

/** The rule of every row of a mapping. A nested list is written as a whole, so its rows have no rule of their own. */
export function fieldRules({ fields }: Pick<MappingDocument, 'fields'>): readonly FieldRule[] {
  return Object.entries(fields).map(([field, row]) =>
    isEachRow(row)
      ? { field, rule: 'source-wins', blankPolicy: 'keep' }
      : { field, rule: row.sync ?? USUAL, blankPolicy: row.blankPolicy ?? 'keep' },
  );
}

/** Rules that compare the source's value with the target's present one. */
const LOOK_AT_TARGET: ReadonlySet<SyncRule> = new Set(['target-wins', 'latest-wins', 'ask']);

/** True if the row's rule can only be followed by who sees what the target holds. */
export function looksAtTarget({ sync }: Row): boolean {
  return sync !== undefined && LOOK_AT_TARGET.has(sync);
}
