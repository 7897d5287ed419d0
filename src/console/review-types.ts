import type { Problem } from './api.ts';

/** What the API says of a change request. */
export interface ChangeRequest {
  readonly id: string;
  readonly mappingId: string;
  readonly kind: 'publish' | 'rollback';
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
  readonly checks: { readonly problems?: readonly Problem[] };
}

/** One difference in words people understand. */
export interface Difference {
  readonly row: string | null;
  readonly kind: string;
  readonly words: string;
}

export interface Version {
  readonly version: number;
  readonly status: 'published' | 'retired';
  readonly publishedAt: string;
  readonly publishedBy: string;
  readonly note: string;
}
