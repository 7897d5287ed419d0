import { listFindings as list } from '../../licensing/runs.ts';
import { DETECTORS } from '../../licensing/find-drift.ts';
import { STANDING_KINDS } from '../../licensing/standing-findings.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';

/** The kinds of finding that are looked for. */
export const FINDING_KINDS: readonly string[] = [
  ...DETECTORS.map(({ kind }) => kind),
  ...STANDING_KINDS,
].toSorted();

/** Findings of the company in the order of their ids; resolved ones only when asked for. */
export function listFindings(
  deps: Deps,
  caller: Caller,
  filter: Parameters<typeof list>[1],
): ReturnType<typeof list> {
  return deps.store.readTenant(caller.tenantId, (tx) => list(tx, filter));
}
