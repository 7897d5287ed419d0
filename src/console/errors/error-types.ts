/** What waits for one cause. */
export interface ErrorGroup {
  readonly id: string;
  readonly class: 'intake' | 'mapping' | 'refused' | 'conflict' | 'unknown' | 'work';
  readonly system: string;
  readonly object: string;
  readonly field: string | null;
  readonly mappingId: string | null;
  readonly message: string;
  readonly count: number;
  readonly records: number;
  readonly lastSeen: string;
  readonly money: readonly { readonly amount: string; readonly currency: string }[];
  readonly owner: { readonly name: string } | null;
  readonly advice: string;
}

/** One cause with the first of what waits for it. */
export interface ErrorGroupDetail extends ErrorGroup {
  readonly members: readonly {
    readonly id: string;
    readonly record: string;
    readonly message: string;
  }[];
}

/** How much is tried again. */
export interface Retried {
  readonly records: number;
  readonly intents: number;
  readonly work: number;
}
