/** What `POST /mappings/{id}:preview` answers; only what the panel shows of it. */
export interface Preview {
  readonly records: readonly PreviewRecord[];
  readonly notes: readonly string[];
}

export interface PreviewRecord {
  readonly id: string;
  /** Why it is in the sample. */
  readonly why: readonly string[];
  readonly kind: 'mapped' | 'skipped' | 'failed';
  readonly outcome: string;
  readonly error: RowError | null;
  readonly items: readonly PreviewItem[];
  readonly presentKnown: boolean;
}

export interface PreviewItem {
  readonly ref: string;
  readonly fields: readonly PreviewField[];
}

export interface PreviewField {
  readonly field: string;
  readonly draft: unknown;
  readonly live: unknown;
  readonly present: unknown;
  readonly differs: boolean;
  readonly error: RowError | null;
}

export interface RowError {
  readonly code: string;
  readonly message: string;
  readonly row: string | null;
}
