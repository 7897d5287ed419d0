import { PositionLine } from '../../canonical/position-line.ts';
import type { Finding } from '../../canonical/finding.ts';
import type { ColumnKind, EvidenceTable } from '../../audit/evidence/table.ts';
import type { ChainRow } from '../../audit/chain.ts';
import type { JsonObject } from '../../kernel/hash.ts';
import type { CycleRecord } from '../../licensing/cycles/cycle-record.ts';
import type { Position } from '../../licensing/figures.ts';
import { compareText } from '../../licensing/sort.ts';

/** Subjects of findings and of audit events that are no person; whatever else there may be is hidden as one. */
const THINGS: ReadonlySet<string> = new Set([
  'Contract', 'Entitlement', 'EntitlementTransaction', 'Exception', 'InvoiceLine', 'Opportunity', 'Order', 'Position', 'Sku', 'UsageSource', 'Organization',
  'agreement', 'mapping', 'policy', 'product', 'connection', 'plan', 'reconciliation', 'reconciliation_cycle', 'reconciliation_run', 'exception', 'finding', 'settings', 'lookup', 'stream',
  'run', 'tenant', 'webhook_endpoint', 'evidence_pack', 'remediation_task', 'rule_set', 'intent', 'hold', 'incident',
]); // prettier-ignore

/** The lines of a run, with their arithmetic and what they rest on. */
export function positionTable(positions: readonly Position[]): EvidenceTable {
  return {
    name: 'positions',
    columns: columns(Object.keys(PositionLine.shape), ['entitlements', 'transactions'], {
      arithmetic: 'words',
    }),
    rows: positions
      .toSorted((left, right) => compareText(left.line.id, right.line.id))
      .map(({ line, inputs, steps }): JsonObject => ({
        ...line,
        entitlements: [...inputs.entitlements],
        transactions: [...inputs.transactions],
        arithmetic: steps.join('\n'),
      })),
  };
}

/** What a run found. */
export function findingTable(findings: readonly Finding[]): EvidenceTable {
  return {
    name: 'findings',
    columns: columns(
      ['id', 'kind', 'severity', 'subjectType', 'subject', 'sku', 'amount', 'currency', 'dueAt', 'evidence'],
      [],
      { subjectPerson: 'person', summary: 'words' },
    ), // prettier-ignore
    rows: findings
      .toSorted((left, right) => compareText(left.id, right.id))
      .map(({ id, kind, severity, subject, sku, amount, currency, dueAt, evidence, summary }) => ({
        id,
        kind,
        severity,
        ...subjectCells(subject.type, subject.id),
        sku,
        amount,
        currency,
        dueAt,
        evidence,
        summary,
      })),
  };
}

/** What people decided about what did not agree, who signed, what was to be done, and each step of the cycle. */
export function cycleTables(
  cycle: Pick<CycleRecord, 'signOffs' | 'decisions' | 'tasks' | 'history'>,
): readonly EvidenceTable[] {
  const { signOffs, decisions, tasks, history } = cycle;
  return [
    {
      name: 'sign-offs',
      columns: columns(['role', 'at', 'statementHash'], [], { person: 'person' }),
      rows: signOffs.map((each) => ({ ...each })),
    },
    {
      name: 'decisions',
      columns: columns(['subject', 'decision', 'at'], [], { reason: 'words', by: 'person' }),
      rows: decisions.map((each) => ({ ...each })),
    },
    {
      name: 'tasks',
      columns: columns(['id', 'subject', 'action', 'dueAt', 'closedAt'], [], {
        owner: 'person',
        note: 'words',
        closedBy: 'person',
        proof: 'words',
      }),
      rows: tasks.map((each) => ({ ...each })),
    },
    {
      name: 'history',
      columns: columns(['at', 'step'], [], { by: 'person', reason: 'words' }),
      rows: history.map((each) => ({ ...each })),
    },
  ];
}

/** Who changed what, from the audit log. */
export function changeTable(rows: readonly ChainRow[]): EvidenceTable {
  return {
    name: 'changes',
    columns: columns(['seq', 'id', 'at', 'action', 'subjectType', 'subject'], [], {
      actor: 'person',
      subjectPerson: 'person',
      details: 'words',
    }),
    rows: rows.flatMap(({ seq, entry }) =>
      entry === null
        ? []
        : [
            {
              seq,
              id: entry.id,
              at: entry.at,
              action: entry.action,
              ...subjectCells(entry.subjectType, entry.subjectId),
              actor: entry.actor,
              details: entry.details,
            },
          ],
    ),
  };
}

function subjectCells(type: string, id: string) {
  const thing = THINGS.has(type);
  return { subjectType: type, subject: thing ? id : null, subjectPerson: thing ? null : id };
}

function columns(
  things: readonly string[],
  more: readonly string[],
  telling: Readonly<Record<string, ColumnKind>>,
): EvidenceTable['columns'] {
  return [
    ...[...things, ...more].map((name) => ({ name, kind: 'thing' as const })),
    ...Object.entries(telling).map(([name, kind]) => ({ name, kind })),
  ];
}
