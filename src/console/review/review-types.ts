/** What the API says of a change request. */
export interface ChangeRequest {
  readonly id: string;
  readonly mappingId: string;
  readonly kind: 'publish' | 'rollback';
  /** The version whose content comes back; null where none does. */
  readonly rolledBackTo: number | null;
  readonly baseVersion: number | null;
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
  /** Map landed records again once it is in effect. */
  readonly replay: boolean;
  readonly restore: boolean;
  /** Also what somebody changed since. */
  readonly overwrite?: boolean;
  readonly editors: readonly string[];
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
  /** What would move, as it was when it was submitted. */
  readonly impact: Impact | RollBackImpact | null;
}

/** One difference in words people understand. */
export interface Difference {
  readonly pointer: string;
  readonly text: string;
}

export interface Comment {
  readonly id: string;
  readonly person: string;
  readonly body: string;
  readonly at: string;
}

/** A request with what putting it in effect changes, and what people said about it. */
export interface RequestedChange extends ChangeRequest {
  readonly differences: readonly Difference[];
  readonly comments: readonly Comment[];
  /** Of a roll back that restores: how far it is, and the plan that offers what was made for cancellation. */
  readonly restored?: {
    readonly records: number;
    readonly settled: number;
    readonly changedSince: number;
  } | null;
  readonly cancellation?: { readonly id: string; readonly status: string } | null;
}

interface Moves<Each> {
  readonly total: number;
  readonly first: readonly Each[];
}

interface Sides<Value> {
  readonly before: Value;
  readonly after: Value;
}

export interface Terms {
  readonly from: string | null;
  readonly to: string | null;
}

export interface Right extends Terms {
  readonly status: string;
  readonly quantity: string | null;
}

export interface Renewal {
  readonly on: string;
  readonly notice: string;
  readonly total: string;
}

interface Money {
  readonly amount: string;
  readonly currency: string;
}

/** What would move if a content were in effect. */
export interface Impact {
  readonly records: number;
  readonly complete: boolean;
  readonly counts: Readonly<Record<string, number>>;
  readonly customers: Moves<{ readonly ref: string; readonly name: string | null }>;
  readonly documents: Moves<{
    readonly noun: string;
    readonly ref: string;
    readonly number: string | null;
    readonly customer: string | null;
    readonly fields: readonly ({ readonly field: string } & Sides<unknown>)[];
  }>;
  readonly serviceDates: Moves<{ readonly noun: string; readonly ref: string } & Sides<Terms>>;
  readonly entitlements: Moves<
    { readonly ref: string; readonly sku: string } & Sides<Right | null>
  >;
  readonly renewals: Moves<
    { readonly ref: string; readonly currency: string } & Sides<Renewal | null>
  > & { readonly forecast: Sides<readonly Money[]> };
  readonly notes: readonly string[];
}

/** What a roll back would change, as it was counted. */
export interface RollBackCounts {
  readonly undone: readonly number[];
  readonly facts: {
    readonly records: number;
    readonly changed: number;
    readonly unchanged: number;
    readonly failed: number;
    readonly complete: boolean;
  } | null;
  readonly records: {
    readonly changed: number;
    readonly created: number;
    readonly unknown: number;
  } | null;
  /** Values that somebody changed since: kept, unless they are to be written over. */
  readonly changedSince?: ChangedSince | null;
}

export interface ChangedSince {
  readonly records: number;
  readonly fields: number;
  readonly first: readonly {
    readonly object: string;
    readonly vendorId: string | null;
    readonly canonicalId: string;
    readonly field: string;
    readonly before: unknown;
    readonly written: unknown;
    readonly now: unknown;
  }[];
  readonly complete: boolean;
  readonly notes: readonly string[];
}

export interface RollBackImpact {
  readonly rollBack: RollBackCounts;
}

export interface Version {
  readonly version: number;
  readonly publishedAt: string | null;
  readonly publishedBy: string | null;
  readonly note: string;
}
