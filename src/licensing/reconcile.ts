import { createHash } from 'node:crypto';
import type { Finding } from '../canonical/finding.ts';
import type { LocalDate } from '../kernel/dates.ts';
import { hashJson } from '../kernel/hash.ts';
import { LINK_ACCOUNTS_VERSION } from '../ledger/identity/link-accounts.ts';
import { LINK_ORGANIZATIONS_VERSION } from '../ledger/identity/link-organizations.ts';
import type { Metrics, Position } from './figures.ts';
import { DETECTORS, findDrift } from './find-drift.ts';
import { statedRules, type StatedRules } from './metric-rules.ts';
import { computePositions } from './position.ts';
import type { Snapshot, SnapshotFacts } from './snapshot.ts';
import { compareText } from './sort.ts';

/** Everything that one reconciliation found, with the hashes that prove it. */
export interface Reconciliation {
  readonly asOf: LocalDate;
  readonly knownAt: string;
  /** Version of every rule that took part: metrics, detectors, identity rules. */
  readonly ruleVersions: Readonly<Record<string, number>>;
  /** The version of each rule set in force, and the edition of each table of factors. */
  readonly ruleSets: StatedRules['ruleSets'];
  readonly factorTables: StatedRules['factorTables'];
  readonly inputHash: string;
  readonly resultHash: string;
  readonly positions: readonly Position[];
  readonly findings: readonly Finding[];
}

/**
 * Reconciles a snapshot. Pure: the same snapshot under the same rules gives the same `resultHash`, in whatever
 * order its facts come (L5). Throws InternalError when an invariant is broken.
 */
export function reconcile(snapshot: Snapshot, metrics: Metrics): Reconciliation {
  const positions = computePositions(snapshot, metrics);
  const findings = findDrift(snapshot, DETECTORS, positions);
  const ruleVersions = ruleVersionsOf(metrics);
  const { ruleSets, factorTables } = statedRules(snapshot);
  // A company without rule sets keeps the hashes of its earlier runs.
  const stated = Object.keys(ruleSets).length === 0 ? {} : { ruleSets };
  return {
    asOf: snapshot.asOf,
    knownAt: snapshot.knownAt,
    ruleVersions,
    ruleSets,
    factorTables,
    inputHash: inputHash(snapshot),
    resultHash: hashJson({ asOf: snapshot.asOf, ruleVersions, ...stated, positions, findings }),
    positions,
    findings,
  };
}

function ruleVersionsOf(metrics: Metrics): Readonly<Record<string, number>> {
  return Object.fromEntries([
    ...[...metrics.values()].map((each) => [`metric.${each.code}`, each.version] as const),
    ...DETECTORS.map((each) => [`detector.${each.kind}`, each.version] as const),
    ['identity.accounts', LINK_ACCOUNTS_VERSION] as const,
    ['identity.organizations', LINK_ORGANIZATIONS_VERSION] as const,
  ]);
}

/** Facts never change under their id, so their ids stand for them; links are hashed as they are. */
function inputHash(snapshot: Snapshot): string {
  const { asOf: _asOf, knownAt: _knownAt, window, detection, ...rest } = snapshot;
  const { links, organizationLinks, ...facts } = rest;
  const hash = createHash('sha256').update(`${snapshot.asOf} ${window.from} ${window.to}`);
  hash.update(`\n${hashJson(detection)}`);
  for (const id of factIds(facts)) hash.update(`\n${id}`);
  for (const text of [...links, ...organizationLinks]
    .map((each) => hashJson(each))
    .toSorted(compareText))
    hash.update(`\n${text}`);
  return hash.digest('hex');
}

function factIds(facts: Omit<SnapshotFacts, 'links' | 'organizationLinks'>): readonly string[] {
  return Object.values(facts)
    .flatMap((each) => each.map((fact) => fact.factId))
    .toSorted(compareText);
}
