/** A cycle as the API shows it. */
export interface Cycle {
  readonly id: string;
  readonly name: string;
  readonly scope: { readonly kind: string; readonly ref: string | null };
  readonly frequency: string;
  readonly period: { readonly from: string; readonly to: string };
  readonly owner: string;
  readonly status: string;
  readonly round: number;
  readonly now: {
    readonly runId: string;
    readonly asOf: string;
    readonly knownAt: string;
    readonly gate: readonly { readonly problem: string | null }[];
    readonly gateReason: string | null;
    readonly computedAt: string | null;
    readonly statementHash: string | null;
  } | null;
}

export interface ShownCycle extends Cycle {
  readonly signOffs: readonly {
    readonly role: string;
    readonly person: string;
    readonly at: string;
    readonly statementHash: string;
  }[];
  readonly history: readonly {
    readonly at: string;
    readonly by: string;
    readonly step: string;
    readonly reason: string | null;
  }[];
  readonly blockers: readonly { readonly text: string }[];
}

export interface Variance {
  readonly subject: string;
  readonly kind: string;
  readonly severity: string | null;
  readonly sku: string | null;
  readonly amount: string | null;
  readonly currency: string | null;
  readonly decision: string | null;
  readonly reason: string | null;
}

export interface Task {
  readonly id: string;
  readonly subject: string;
  readonly action: string;
  readonly owner: string;
  readonly dueAt: string;
  readonly overdue: boolean;
  readonly closedAt: string | null;
}

export interface Verification {
  readonly runId: string;
  readonly asOf: string;
  readonly knownAt: string;
  readonly equal: boolean;
  readonly checks: readonly {
    readonly what: string;
    readonly expected: string;
    readonly actual: string;
    readonly equal: boolean;
  }[];
}

/** What a cycle looks at, in words. */
export function scopeText({ kind, ref }: Cycle['scope']): string {
  return ref === null ? kind : `${kind.replace('_', ' ')} ${ref}`;
}

/** The path of a cycle below the API. */
export function cyclePath(id: string): string {
  return `/reconciliation-cycles/${encodeURIComponent(id)}`;
}
