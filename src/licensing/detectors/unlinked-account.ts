import { byAccount } from '../../ledger/identity/identities.ts';
import { bySource } from '../sort.ts';
import type { Detector } from './detector.ts';

/**
 * An active human login that belongs to nobody the HR system knows, or only by a doubtful link (domain e). Without
 * an HR source nobody can be known, and nothing is found.
 */
export const unlinkedAccount: Detector = {
  kind: 'unlinked_account',
  version: 1,
  severity: 'medium',
  detect({ snapshot, persons }) {
    if (snapshot.spells.length === 0) return [];
    return snapshot.accounts
      .filter(({ body }) => body.active && body.kind === 'human')
      .filter((account) => !persons.has(byAccount(account.connection, account.externalRef)))
      .toSorted(bySource)
      .map((account) => ({
        subject: { type: 'UserAccount', id: account.externalRef },
        connection: account.connection,
        sku: null,
        money: null,
        evidence: [account.factId],
        summary: `Active login ${account.externalRef} matches nobody in HR by number or address. Link it to a person, mark it as a service, or close it.`,
      }));
  },
};
