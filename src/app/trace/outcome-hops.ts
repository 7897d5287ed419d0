import type { TenantTx } from '../../db/store.ts';
import type { Run } from '../../intake/runs.ts';
import type { Fact } from '../../ledger/fact.ts';
import { DETECTORS } from '../../licensing/find-drift.ts';
import type { SavedFinding } from '../../licensing/runs.ts';
import { latestRun, listPositions } from '../../licensing/runs.ts';
import type { TraceHop } from './trace-hop.ts';

/** The positions of the newest reconciliation that entitlements count in, and those named, with their rule versions. */
export async function positionHops(
  tx: TenantTx,
  entitlements: readonly Fact<'entitlement'>[],
  lineIds: ReadonlySet<string>,
): Promise<readonly TraceHop[]> {
  const run = await latestRun(tx);
  if (run === undefined || (entitlements.length === 0 && lineIds.size === 0)) return [];
  const pools = new Set(entitlements.map((fact) => `${fact.body.ownerRef}/${fact.body.skuCode}`));
  const lines = await listPositions(tx, { runId: run.id });
  return lines
    .filter(({ line }) => lineIds.has(line.id) || pools.has(`${line.ownerRef}/${line.skuCode}`))
    .map(({ line }) => ({
      kind: 'position',
      system: 'trueup',
      object: 'position',
      id: line.id,
      at: run.finishedAt,
      summary: `${line.skuCode} of ${line.ownerName ?? line.ownerRef}: owned ${line.rightsOwned ?? 'unknown'}, required ${line.rightsRequired}, ${line.status}`,
      mapping: null,
      rules:
        line.metricCode === null
          ? run.ruleVersions
          : { [`metric.${line.metricCode}`]: line.metricVersion ?? 0 },
    }));
}

/** A finding with the detector that found it. */
export function findingHop(finding: SavedFinding): TraceHop {
  const detector = DETECTORS.find(({ kind }) => kind === finding.kind);
  return {
    kind: 'finding',
    system: 'trueup',
    object: finding.kind,
    id: finding.id,
    at: finding.openedAt,
    summary: `${finding.severity}, ${finding.status}: ${finding.summary}`,
    mapping: null,
    rules: detector === undefined ? null : { [`detector.${detector.kind}`]: detector.version },
  };
}

/** A read of a system: the run, and what each of its streams landed and proved. */
export function runHops(run: Run): readonly TraceHop[] {
  const common = { system: run.connection, mapping: null, rules: null };
  const at = run.startedAt.toISOString();
  return [
    {
      ...common,
      kind: 'run',
      object: 'run',
      id: run.id,
      at,
      summary: `${run.status}, asked for by ${run.requestedBy}`,
    },
    ...run.streams.map((stream) => ({
      ...common,
      kind: 'certificate' as const,
      object: stream.stream,
      id: run.id,
      at,
      summary: `${stream.landed} records, ${proofOf(stream)}`,
    })),
  ];
}

function proofOf(stream: Run['streams'][number]): string {
  const { certificate, error } = stream;
  if (error !== null) return `failed: ${error.message}`;
  if (certificate === null) return 'no certificate yet';
  const count = `the source counts ${certificate.sourceCount ?? 'nothing'}`;
  if (certificate.closed === null) return `unproven, ${count}`;
  return certificate.closed ? `closed, ${count}` : `not closed, ${count}`;
}
