import type { TenantTx } from '../../db/store.ts';
import type { LocalDate } from '../../kernel/dates.ts';
import { NotFoundError } from '../../kernel/errors.ts';
import type { JsonObject } from '../../kernel/hash.ts';

/** What a cycle looks at; `ref` is null for everything. */
export interface CycleScope {
  readonly kind: 'all' | 'publisher' | 'product' | 'customer' | 'legal_entity';
  readonly ref: string | null;
}

/** A reconciliation cycle as evidence: who computed, reviewed, mended and signed what. Plain JSON; persons by their ids. */
export interface CycleRecord {
  readonly id: string;
  readonly name: string;
  /** Half-open. */
  readonly period: { readonly from: LocalDate; readonly to: LocalDate };
  readonly scope: CycleScope;
  readonly status: 'collecting' | 'computed' | 'in_review' | 'signed_off' | 'reopened';
  readonly owner: string;
  /** Which computation of the cycle this is, from 1; 0 before the first. */
  readonly round: number;
  /** The run of the present round; null before the first was computed. */
  readonly runId: string | null;
  /** What is signed; null before the first signature of the round. */
  readonly statement: JsonObject | null;
  /** SHA-256 of the RFC 8785 form of the statement. */
  readonly statementHash: string | null;
  readonly signOffs: readonly {
    readonly role: string;
    readonly person: string;
    readonly at: string;
    readonly statementHash: string;
  }[];
  /** Every decision of the round, oldest first; the last one about a subject holds. */
  readonly decisions: readonly {
    /** `position:<line>` or `finding:<id>`. */
    readonly subject: string;
    readonly decision: 'noted' | 'accepted' | 'remediated';
    readonly reason: string | null;
    readonly by: string;
    readonly at: string;
  }[];
  /** Of every round. */
  readonly tasks: readonly {
    readonly id: string;
    readonly subject: string;
    readonly action: 'reassign' | 'reclaim' | 'buy' | 'amend' | 'accept';
    readonly owner: string;
    readonly dueAt: LocalDate;
    readonly note: string | null;
    readonly closedAt: string | null;
    readonly closedBy: string | null;
    readonly proof: string | null;
  }[];
  /** Of every round, oldest first. */
  readonly history: readonly {
    readonly at: string;
    readonly by: string;
    readonly step: string;
    readonly reason: string | null;
  }[];
}

type Head = Pick<CycleRecord, 'id' | 'name' | 'period' | 'scope' | 'status' | 'owner' | 'round'> & {
  readonly runId: string | null;
  readonly statement: string | null;
  readonly statementHash: string | null;
};

const HEAD = `select c.id, c.name, jsonb_build_object('from', c.period_from, 'to', c.period_to) as period,
    jsonb_build_object('kind', c.scope_kind, 'ref', c.scope_ref) as scope, c.status, c.owner, c.round,
    case when r.computed_at is not null then r.run_id end as "runId", r.statement, r.statement_hash as "statementHash"
  from reconciliation_cycle c
  left join cycle_round r on r.tenant_id = c.tenant_id and r.cycle_id = c.id and r.round = c.round
  where c.id = $1`;

/** Instants leave the database as ISO 8601, so that the record is plain JSON. */
const iso = (column: string): string =>
  `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** The record of a cycle as it stands. Throws NotFoundError for an id that this company does not have. */
export async function cycleRecord(tx: TenantTx, id: string): Promise<CycleRecord> {
  const [head] = await tx.sql<Head>(HEAD, [id]);
  if (head === undefined)
    throw new NotFoundError(
      `There is no reconciliation cycle "${id}". \`trueup cycles list\` shows those there are.`,
    );
  const { statement } = head;
  const signOffs = await tx.sql<CycleRecord['signOffs'][number]>(
    `select s.role, s.person_id as person, ${iso('s.signed_at')} as at, s.statement_hash as "statementHash"
     from cycle_sign_off s where s.cycle_id = $1 and s.round = $2 order by s.signed_at, s.role`,
    [id, head.round],
  );
  const decisions = await tx.sql<CycleRecord['decisions'][number]>(
    `select d.subject, d.decision, d.reason, d.decided_by as by, ${iso('d.decided_at')} as at
     from cycle_decision d where d.cycle_id = $1 and d.round = $2 order by d.decided_at, d.subject, d.number`,
    [id, head.round],
  );
  const tasks = await tx.sql<CycleRecord['tasks'][number]>(
    `select t.id, t.subject, t.action, t.owner, t.due_at::text as "dueAt", t.note, ${iso('t.closed_at')} as "closedAt",
       t.closed_by as "closedBy", t.proof from remediation_task t where t.cycle_id = $1 order by t.id`,
    [id],
  );
  const history = await tx.sql<CycleRecord['history'][number]>(
    `select ${iso('h.done_at')} as at, h.done_by as by, h.step, h.reason
     from cycle_step h where h.cycle_id = $1 order by h.number`,
    [id],
  );
  return {
    ...head,
    statement: statement === null ? null : (JSON.parse(statement) as JsonObject),
    signOffs,
    decisions,
    tasks,
    history,
  };
}
