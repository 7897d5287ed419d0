/** What the API says of a change request. */
export interface ChangeRequest {
  readonly id: string;
  readonly mappingId: string;
  readonly kind: 'publish' | 'rollback';
  /** The version whose content comes back; null where none does. */
  readonly rolledBackTo: number | null;
  readonly state:
    | 'waiting'
    | 'approved'
    | 'returned'
    | 'declined'
    | 'withdrawn'
    | 'scheduled'
    | 'published';
  readonly hash: string;
  readonly note: string;
  readonly submittedBy: string;
  readonly submittedAt: string;
  readonly decidedBy: string | null;
  readonly reason: string | null;
  readonly publishAt: string | null;
  readonly publishedVersion: number | null;
  readonly checks: readonly {
    readonly name: string;
    readonly ok: boolean;
    readonly detail: string;
  }[];
}

/** One difference in words people understand. */
export interface Difference {
  readonly pointer: string;
  readonly text: string;
}

/** A request with what putting it in effect changes. */
export interface RequestedChange extends ChangeRequest {
  readonly differences: readonly Difference[];
}

export interface Version {
  readonly version: number;
  readonly publishedAt: string | null;
  readonly publishedBy: string | null;
  readonly note: string;
}
