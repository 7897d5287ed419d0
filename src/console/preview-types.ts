/** What `POST /mappings/{id}:preview` answers. */
export interface Preview {
  readonly records: readonly PreviewedRecord[];
}

export interface PreviewedRecord {
  readonly id: string;
  /** Why this record is in the sample; null where it was asked for. */
  readonly why: string | null;
  readonly result: 'mapped' | 'skipped' | 'failed';
  readonly error: {
    readonly row: string | null;
    readonly code: string;
    readonly message: string;
  } | null;
  readonly outcomes: readonly { readonly fields: readonly PreviewedField[] }[];
}

export interface PreviewedField {
  readonly field: string;
  readonly changed: boolean;
  readonly draft?: unknown;
  readonly live?: unknown;
  readonly present?: unknown;
}
