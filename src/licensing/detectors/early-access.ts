import { byAccount } from '../../ledger/identity/identities.ts';
import { compareText } from '../sort.ts';
import type { Detector } from './detector.ts';

/**
 * Somebody whose next first day is still to come, employed nowhere on the day reconciled, with a login that holds a
 * seat already: it is paid for and not worked with.
 */
export const earlyAccess: Detector = {
  kind: 'early_access',
  version: 1,
  severity: 'low',
  detect({ snapshot, staff, seatsOf }) {
    const { asOf } = snapshot;
    return staff.flatMap(({ account, link, spells }) => {
      const isOver = spells.every(
        ({ body }) => (body.validFrom ?? '') > asOf || (body.validTo ?? asOf) < asOf,
      );
      const starts = spells.map(({ body }) => body.validFrom ?? '').filter((start) => start > asOf);
      const [first] = starts.toSorted(compareText);
      const held = seatsOf.get(byAccount(account.connection, account.externalRef)) ?? [];
      if (!isOver || first === undefined || held.length === 0) return [];
      return {
        subject: { type: 'UserAccount', id: account.externalRef },
        connection: account.connection,
        sku: null,
        money: null,
        evidence: [
          account.factId,
          ...link.evidence,
          ...[...spells, ...held].map((each) => each.factId),
        ],
        owner: 'it',
        summary: `Login ${account.externalRef} holds ${held.length} seats, but HR says that the first day is ${first}. Take them back until then, or correct the date in HR.`,
      };
    });
  },
};
