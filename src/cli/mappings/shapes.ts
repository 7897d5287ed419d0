import type { Column } from '../output.ts';

/** A mapping as the API lists it. */
export interface MappingRow {
  readonly id: string;
  readonly direction: string;
  readonly source: { readonly connection?: string; readonly object: string };
  readonly target: { readonly connection?: string; readonly object: string };
  readonly live: { readonly version: number; readonly origin: string } | null;
  readonly draft: { readonly revision: number; readonly state: string } | null;
  readonly state: string;
  /** Null while no connection has described the object. */
  readonly coverage: { readonly required: number; readonly mapped: number } | null;
  readonly errors: { readonly waiting: number; readonly last7Days: number };
  /** Null: unowned. */
  readonly owner: { readonly id: string; readonly name: string } | null;
}

/** A draft, a mapping or a version with its text. */
export interface WithText {
  readonly text: string;
}

/** A draft as the API gives it. */
export interface Draft extends WithText {
  readonly mappingId: string;
  readonly revision: number;
  readonly state: string;
  readonly hash: string;
}

/** One difference between two contents. */
export interface Difference {
  readonly row: string | null;
  readonly text: string;
}

/** A request to put a content in effect. */
export interface Change {
  readonly id: string;
  readonly mappingId: string;
  readonly kind: string;
  readonly state: string;
  readonly hash: string;
  readonly submittedBy: string;
  readonly note: string;
  readonly publishAt: string | null;
  readonly publishedVersion: number | null;
  readonly outcome: {
    readonly restored: number;
    readonly created: number;
    readonly unknown: number;
  } | null;
}

export const CHANGE_COLUMNS: readonly Column<Change>[] = [
  { title: 'REQUEST', value: (row) => row.id },
  { title: 'MAPPING', value: (row) => row.mappingId },
  { title: 'KIND', value: (row) => row.kind },
  { title: 'STATE', value: (row) => row.state },
  { title: 'VERSION', value: (row) => row.publishedVersion },
  { title: 'BY', value: (row) => row.submittedBy },
  { title: 'NOTE', value: (row) => row.note },
];

/** A mapping's address below the API. */
export function pathOf(id: string): string {
  return `/mappings/${encodeURIComponent(id)}`;
}

/** What two contents differ in, one sentence a line. */
export function differencesText(differences: readonly Difference[]): string {
  if (differences.length === 0) return 'No difference.';
  return differences.map(({ text }) => `  ${text}`).join('\n');
}
