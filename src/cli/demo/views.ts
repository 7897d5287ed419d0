/** What the demo reads of the API's answers. */

export interface PlanView {
  readonly id: string;
  readonly kind: string;
  readonly subject: string;
  readonly hash: string;
  readonly status: string;
  readonly approvedBy: string | null;
  readonly body: {
    readonly total: { readonly amount: string; readonly currency: string } | null;
    readonly problems: readonly { readonly message: string }[];
    readonly opportunity: { readonly ref: string; readonly name: string };
  };
}

export interface IntentView {
  readonly id: string;
  readonly connection: string;
  readonly object: string;
  readonly externalId: string;
  readonly canonicalId: string;
  readonly planId: string | null;
  readonly state: string;
  readonly readBack: boolean;
  readonly result: { readonly vendorId?: string | null } | null;
  readonly error: { readonly message: string } | null;
}

export interface EntitlementView {
  readonly externalRef: string;
  readonly status: 'draft' | 'active' | 'reversed';
  readonly skuCode: string;
  readonly dealRef?: string;
  readonly rightsInForce: string;
}

/** States in which an intent waits for nothing more. */
const ENDED = new Set(['APPLIED', 'SUPERSEDED', 'CONFLICT', 'QUARANTINED']);

/** True if the intent will not change by itself any more. */
export function hasEnded(intent: IntentView): boolean {
  return ENDED.has(intent.state) && (intent.state !== 'APPLIED' || intent.readBack);
}
