import { addDays } from '../../kernel/dates.ts';
import { byAccount } from '../../ledger/identity/identities.ts';
import { bySource, groupBy } from '../sort.ts';
import type { Detector } from './detector.ts';

/**
 * A change of rights that became known long after the day from which it holds (domain e): positions of the days between
 * were computed without it. What was known of an entitlement first is its beginning, no amendment.
 */
export const lateAmendment: Detector = {
  kind: 'late_amendment',
  version: 1,
  severity: 'low',
  detect({ snapshot, catalogue }) {
    const days = snapshot.detection.lateAmendmentDays;
    const entitlements = new Map(
      snapshot.entitlements.map((each) => [byAccount(each.connection, each.externalRef), each]),
    );
    const groups = groupBy(snapshot.transactions.toSorted(bySource), (each) =>
      byAccount(each.connection, each.body.entitlementRef),
    );
    return [...groups].flatMap(([key, own]) => {
      const entitlement = entitlements.get(key);
      const first = own.map((each) => each.recordedFrom).toSorted()[0] ?? '';
      if (entitlement === undefined) return [];
      return own.flatMap((each) => {
        const { validFrom, quantityDelta } = each.body;
        const known = new Date(each.recordedFrom).toISOString().slice(0, 10);
        const isLate = validFrom !== undefined && known > addDays(validFrom, days);
        if (!isLate || each.recordedFrom === first) return [];
        const sku = catalogue.resolve(entitlement.connection, entitlement.body.skuCode);
        return {
          subject: { type: 'EntitlementTransaction', id: each.externalRef },
          connection: each.connection,
          sku,
          money: null,
          evidence: [each.factId, entitlement.factId],
          summary: `A change of ${quantityDelta} rights of ${sku} holds from ${validFrom} and became known on ${known}. Reconciliations of days from ${validFrom} that were computed before then say something else: compute them anew.`,
        };
      });
    });
  },
};
