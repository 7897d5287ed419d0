import type { Finding } from '../canonical/finding.ts';
import type { LocalDate } from '../kernel/dates.ts';
import type { Detector, FindingDraft } from './detectors/detector.ts';
import { activeLeaver } from './detectors/active-leaver.ts';
import { denialRate } from './detectors/denial-rate.ts';
import { departmentMismatch } from './detectors/department-mismatch.ts';
import { dormantSeat } from './detectors/dormant-seat.ts';
import { duplicateIdentity } from './detectors/duplicate-identity.ts';
import { earlyAccess } from './detectors/early-access.ts';
import { exhaustionForecast } from './detectors/exhaustion-forecast.ts';
import { expiringException } from './detectors/expiring-exception.ts';
import { ghostUsage } from './detectors/ghost-usage.ts';
import { lateAmendment } from './detectors/late-amendment.ts';
import { hardLimitReached, softLimitReached } from './detectors/limit-reached.ts';
import { missingInCrm } from './detectors/missing-in-crm.ts';
import { missingInDirectory } from './detectors/missing-in-directory.ts';
import { missingInErp } from './detectors/missing-in-erp.ts';
import { orphanedSeat } from './detectors/orphaned-seat.ts';
import { overlappingTerms } from './detectors/overlapping-terms.ts';
import { priceLeakage } from './detectors/price-leakage.ts';
import { priceMismatch } from './detectors/price-mismatch.ts';
import { quantityMismatch } from './detectors/quantity-mismatch.ts';
import { scatteredPurchases } from './detectors/scattered-purchases.ts';
import { seatDrift } from './detectors/seat-drift.ts';
import { skuMismatch } from './detectors/sku-mismatch.ts';
import { telemetryGap } from './detectors/telemetry-gap.ts';
import { termGap } from './detectors/term-gap.ts';
import { tierInversion, tierProximity } from './detectors/tier-price.ts';
import { unlinkedAccount } from './detectors/unlinked-account.ts';
import { upliftBreach } from './detectors/uplift-breach.ts';
import { usageRise } from './detectors/usage-rise.ts';
import { usageSpike } from './detectors/usage-spike.ts';
import { driftWorld } from './drift-world.ts';
import type { Position } from './figures.ts';
import { findingDue, findingId } from './finding-identity.ts';
import type { Snapshot } from './snapshot.ts';
import { compareText } from './sort.ts';

/** Every kind of drift that is looked for. */
export const DETECTORS: readonly Detector[] = [
  activeLeaver,
  denialRate,
  departmentMismatch,
  dormantSeat,
  duplicateIdentity,
  earlyAccess,
  exhaustionForecast,
  expiringException,
  ghostUsage,
  hardLimitReached,
  lateAmendment,
  missingInCrm,
  missingInDirectory,
  missingInErp,
  orphanedSeat,
  overlappingTerms,
  priceLeakage,
  priceMismatch,
  quantityMismatch,
  scatteredPurchases,
  seatDrift,
  skuMismatch,
  softLimitReached,
  telemetryGap,
  termGap,
  tierInversion,
  tierProximity,
  unlinkedAccount,
  upliftBreach,
  usageRise,
  usageSpike,
];

/**
 * All findings of a snapshot and of the lines that were computed from it, one per kind, subject and part number, in the order of their kinds and subjects. The
 * id of a finding depends on nothing else, so the same drift found again is the same finding.
 */
export function findDrift(
  snapshot: Snapshot,
  detectors: readonly Detector[] = DETECTORS,
  positions: readonly Position[] = [],
): readonly Finding[] {
  const world = driftWorld(snapshot, positions);
  const found = new Map<string, Finding>();
  for (const detector of detectors) {
    for (const draft of detector.detect(world)) {
      const finding = findingOf(detector, draft, snapshot.asOf);
      const known = found.get(finding.id);
      found.set(finding.id, known === undefined ? finding : merge(known, finding));
    }
  }
  return [...found.values()].toSorted(
    (left, right) =>
      compareText(left.kind, right.kind) ||
      compareText(left.subject.id, right.subject.id) ||
      compareText(left.sku ?? '', right.sku ?? '') ||
      compareText(left.id, right.id),
  );
}

function findingOf(detector: Detector, draft: FindingDraft, asOf: LocalDate): Finding {
  return {
    id: findingId({ kind: detector.kind, ...draft }),
    kind: detector.kind,
    severity: detector.severity,
    subject: draft.subject,
    sku: draft.sku,
    amount: draft.money?.amount ?? null,
    currency: draft.money?.currency ?? null,
    evidence: evidenceOf(draft.evidence),
    owner: draft.owner ?? null,
    dueAt: findingDue(detector.severity, asOf),
    status: 'open',
    summary: draft.summary,
  };
}

function merge(known: Finding, again: Finding): Finding {
  return { ...known, evidence: evidenceOf([...known.evidence, ...again.evidence]) };
}

function evidenceOf(factIds: readonly string[]): string[] {
  return [...new Set(factIds)].toSorted(compareText);
}
