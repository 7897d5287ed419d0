/** What the API says of shadow runs; only what the page shows of them. */
export interface ShadowRun {
  readonly id: string;
  readonly connection: string;
  readonly object: string;
  readonly requestedBy: string;
  readonly state: 'running' | 'done' | 'cancelled' | 'failed';
  readonly wanted: number;
  readonly lookedAt: number;
  readonly counts: Readonly<Partial<Record<Outcome, number>>>;
  /** How many records differ in each target field. */
  readonly fields: Readonly<Record<string, number>>;
  readonly differing: number;
  readonly message: string | null;
  readonly startedAt: string;
}

export type Outcome =
  | 'create'
  | 'update'
  | 'remove'
  | 'unchanged'
  | 'conflict'
  | 'blocked'
  | 'skipped';

/** A record that differs, and in which fields. */
export interface ShadowDifference {
  readonly position: number;
  readonly recordId: string;
  readonly outcome: Outcome;
  readonly error: { readonly message: string; readonly row: string | null } | null;
  readonly items: readonly {
    readonly noun: string;
    readonly ref: string;
    readonly change: string;
    readonly fields: readonly ComparedField[];
  }[];
}

export interface ComparedField {
  readonly field: string;
  readonly draft: unknown;
  readonly live: unknown;
  readonly present: unknown;
  readonly differs: boolean;
  readonly changes: boolean;
}
