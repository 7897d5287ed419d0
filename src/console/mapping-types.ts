/** What the API says of mappings; only what the pages show of it. */
export interface MappingSummary {
  readonly id: string;
  readonly title: string;
  readonly direction: 'inbound' | 'outbound';
  readonly source: Side;
  readonly target: Side;
  readonly live: LiveVersion | null;
  readonly draft: DraftMark | null;
  readonly state: 'ok' | 'degraded' | 'paused';
  /** Required fields of the target and how many have a row; null while no connection has described the object. */
  readonly coverage: {
    readonly required: number;
    readonly mapped: number;
    readonly missing: readonly string[];
  } | null;
  readonly errors: { readonly waiting: number; readonly last7Days: number };
  /** Null: nobody who is here answers for it. */
  readonly owner: { readonly id: string; readonly name: string } | null;
}

export interface Side {
  readonly connection?: string;
  readonly object: string;
}

export interface LiveVersion {
  readonly version: number;
  readonly origin: 'shipped' | 'published';
  readonly publishedAt: string | null;
  readonly publishedBy: string | null;
}

export interface DraftMark {
  readonly revision: number;
  readonly state: 'open' | 'submitted';
  readonly updatedBy: string;
  readonly updatedAt: string;
  /** The version in effect that it was written over; null where none was. */
  readonly baseVersion: number | null;
}

/** A mapping in effect, as it was written and as it was read. */
export interface Mapping extends MappingSummary {
  readonly text: string;
  readonly document: MappingDocument;
}

export interface Draft extends DraftMark {
  readonly text: string;
  readonly document: MappingDocument;
}

export interface MappingDocument {
  readonly version: number;
  readonly fields: Readonly<Record<string, Row>>;
}

/** One row of a mapping file. A row with `each` builds a list and is edited as text. */
export interface Row {
  readonly from?: string;
  readonly value?: unknown;
  readonly expr?: string;
  readonly lookup?: string | { readonly table: string; readonly key: string };
  readonly steps?: readonly (string | Readonly<Record<string, unknown>>)[];
  readonly to?: string;
  readonly default?: unknown;
  readonly onMissing?: string;
  readonly sync?: string;
  readonly blankPolicy?: string;
  readonly key?: boolean;
  readonly pii?: boolean;
  readonly each?: string;
}

/** A change of one row, or of another part of the file by its key, as `PATCH /mappings/{id}/draft` and `:preview` take it. */
export type RowEdit =
  | { readonly op: 'set'; readonly row: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly row: string }
  | { readonly op: 'set'; readonly key: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly key: string };
