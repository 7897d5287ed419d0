import * as z from 'zod';
import { NotFoundError } from '../../kernel/errors.ts';
import { hashJson } from '../../kernel/hash.ts';
import { cycleRecord } from '../../licensing/cycles/cycle-record.ts';
import { getCycle } from '../../licensing/cycles/cycles.ts';
import { reconcile, type Reconciliation } from '../../licensing/reconcile.ts';
import { getRun } from '../../licensing/runs.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';
import { loadSnapshot } from '../load-snapshot.ts';

/** Whether one thing is still what it was. */
export interface CycleCheck {
  readonly what: 'input' | 'rules' | 'result' | 'statement' | 'signatures';
  readonly expected: string;
  readonly actual: string;
  readonly equal: boolean;
}

/** What came out of computing a cycle's run once more. */
export interface CycleVerification {
  readonly cycleId: string;
  readonly runId: string;
  readonly asOf: string;
  readonly knownAt: string;
  readonly equal: boolean;
  readonly checks: readonly CycleCheck[];
}

/**
 * Computes the run of a cycle's present round once more, of the same day as known at the same instant, and compares: what it read, the
 * rules that count, what it found, the statement with its hash, and the hash under each signature. Changes nothing. Throws
 * NotFoundError, also before the first figures.
 */
export function verifyCycle(deps: Deps, caller: Caller, id: string): Promise<CycleVerification> {
  return deps.store.readTenant(caller.tenantId, async (tx) => {
    const { now } = await getCycle(tx, id);
    const record = await cycleRecord(tx, id);
    if (now === null || record.runId === null)
      throw new NotFoundError(`The cycle ${id} has no figures yet that could be computed again.`);
    const run = await getRun(tx, record.runId);
    const { snapshot } = await loadSnapshot(tx, run.asOf, new Date(run.knownAt));
    const again = reconcile(snapshot, deps.registry.metrics);
    const checks = [
      check('input', run.inputHash, again.inputHash),
      check('rules', rulesHash(run), rulesHash(again)),
      check('result', run.resultHash, again.resultHash),
      ...signedChecks(record, run.resultHash),
    ];
    const equal = checks.every((each) => each.equal);
    const { asOf, knownAt } = run;
    return { cycleId: id, runId: run.id, asOf, knownAt, equal, checks };
  });
}

/** Versions of code and, where the company has rule sets, theirs. */
function rulesHash({
  ruleVersions,
  ruleSets,
}: Pick<Reconciliation, 'ruleVersions' | 'ruleSets'>): string {
  return hashJson({ ...ruleVersions, ...ruleSets });
}

function check(what: CycleCheck['what'], expected: string, actual: string): CycleCheck {
  return { what, expected, actual, equal: expected === actual };
}

function signedChecks(
  record: Awaited<ReturnType<typeof cycleRecord>>,
  resultHash: string,
): readonly CycleCheck[] {
  const { statement, statementHash, signOffs } = record;
  if (statement === null || statementHash === null) return [];
  const stated = z.object({ run: z.object({ resultHash: z.string() }) }).safeParse(statement);
  return [
    check('statement', statementHash, hashJson(statement)),
    check('statement', resultHash, stated.data?.run.resultHash ?? ''),
    ...signOffs.map((each) => check('signatures', statementHash, each.statementHash)),
  ];
}
