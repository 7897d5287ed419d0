import { addDays } from '../../kernel/dates.ts';
import { byAccount } from '../../ledger/identity/identities.ts';
import { compareText } from '../sort.ts';
import type { Detector } from './detector.ts';

/**
 * An active login of somebody whose last employment ended more than a day before the day reconciled: HR says that the
 * person is gone, the directory says that the person is here. One that holds a seat is an orphaned seat, and no more.
 */
export const activeLeaver: Detector = {
  kind: 'active_leaver',
  version: 1,
  severity: 'medium',
  detect({ snapshot, staff, seatsOf }) {
    const { asOf } = snapshot;
    return staff.flatMap(({ account, link, spells }) => {
      if (seatsOf.has(byAccount(account.connection, account.externalRef))) return [];
      const ends = spells.map(({ body }) => body.validTo);
      if (ends.some((end) => end === undefined || end >= asOf)) return [];
      const last =
        ends
          .map((end) => end ?? '')
          .toSorted(compareText)
          .at(-1) ?? asOf;
      return {
        subject: { type: 'UserAccount', id: account.externalRef },
        connection: account.connection,
        sku: null,
        money: null,
        evidence: [account.factId, ...link.evidence, ...spells.map((each) => each.factId)],
        owner: 'it',
        summary: `Login ${account.externalRef} is active although HR says that employment ended on ${addDays(last, -1)}. Close it, or correct the date in HR.`,
      };
    });
  },
};
