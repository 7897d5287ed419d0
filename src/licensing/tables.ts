import type { ColumnType, Selectable } from 'kysely';

/** JSON goes in as text and comes out parsed. */
type Json<T> = ColumnType<T, string, string>;

interface ReconciliationRunTable {
  readonly tenant_id: string;
  readonly id: string;
  readonly as_of: string;
  readonly known_at: Date;
  readonly rule_versions: Json<Record<string, number>>;
  readonly rule_sets: Json<Record<string, string>>;
  readonly factor_tables: Json<Record<string, string>>;
  readonly input_hash: string;
  readonly result_hash: string;
  readonly status: 'computed' | 'failed' | 'superseded';
  readonly complete: boolean;
  readonly current: boolean;
  readonly counts: Json<RunCounts>;
  readonly started_at: Date;
  readonly finished_at: Date;
}

interface PositionLineTable {
  readonly tenant_id: string;
  readonly run_id: string;
  readonly line_id: string;
  readonly posture: 'licensor' | 'licensee';
  readonly owner_ref: string;
  readonly owner_name: string | null;
  readonly sku_code: string;
  readonly metric_code: string | null;
  readonly status: string;
  readonly rights_owned: string | null;
  readonly rights_required: string;
  readonly rights_in_use: string;
  readonly surplus: string | null;
  readonly shortfall: string | null;
  readonly true_up_cost: string | null;
  readonly currency: string | null;
  readonly body: Json<unknown>;
  readonly inputs: Json<unknown>;
  readonly steps: Json<unknown>;
}

interface FindingTable {
  readonly tenant_id: string;
  readonly id: string;
  readonly kind: string;
  readonly severity: 'low' | 'medium' | 'high' | 'critical';
  readonly subject_type: string;
  readonly subject_id: string;
  readonly sku_code: string | null;
  readonly amount: string | null;
  readonly currency: string | null;
  readonly evidence: Json<string[]>;
  readonly summary: string;
  readonly owner: string | null;
  readonly due_at: string;
  readonly status: 'open' | 'in_progress' | 'accepted' | 'resolved';
  readonly first_run_id: string;
  readonly last_run_id: string;
  readonly opened_at: Date;
  readonly resolved_at: Date | null;
  readonly accepted_by: string | null;
  readonly accepted_reason: string | null;
  readonly accepted_until: string | null;
}

/** What a run did, in numbers. */
export interface RunCounts {
  readonly positions: number;
  readonly findings: number;
  /** Findings that are new, or that had been resolved and are back. */
  readonly opened: number;
  readonly resolved: number;
}

export type RunRow = Selectable<ReconciliationRunTable>;
export type PositionRow = Selectable<PositionLineTable>;
export type FindingRow = Selectable<FindingTable>;

export interface LicensingTables {
  reconciliation_run: ReconciliationRunTable;
  position_line: PositionLineTable;
  finding: FindingTable;
}
