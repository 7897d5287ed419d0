import type { Fact } from '../../ledger/fact.ts';
import { byAccount } from '../../ledger/identity/identities.ts';
import { compareText, groupBy } from '../sort.ts';
import type { Detector } from './detector.ts';

type Account = Fact<'userAccount'>;

/** The instant of creation in milliseconds; a login whose source does not say is taken as the older one. */
function createdAt({ body }: Account): number {
  return body.createdAt === undefined ? 0 : Date.parse(body.createdAt);
}

function byAge(left: Account, right: Account): number {
  return createdAt(left) - createdAt(right) || compareText(left.externalRef, right.externalRef);
}

/** Active logins of one person in one directory, after the first: each may draw licences that the person has already. */
export const duplicateIdentity: Detector = {
  kind: 'duplicate_identity',
  version: 1,
  severity: 'medium',
  detect({ snapshot, persons }) {
    const linked = snapshot.accounts
      .filter(({ body }) => body.active && body.kind === 'human')
      .flatMap((account) => {
        const link = persons.get(byAccount(account.connection, account.externalRef));
        return link === undefined ? [] : [{ account, link }];
      });
    const groups = groupBy(linked, ({ account, link }) =>
      JSON.stringify([account.connection, link.personKey]),
    );
    return [...groups.values()].flatMap((group) => {
      const [first, ...later] = group.toSorted((left, right) => byAge(left.account, right.account));
      if (first === undefined) return [];
      return later.map(({ account, link }) => ({
        subject: { type: 'UserAccount', id: account.externalRef },
        connection: account.connection,
        sku: null,
        money: null,
        evidence: [account.factId, first.account.factId, ...link.evidence, ...first.link.evidence],
        summary: `Login ${account.externalRef} belongs to the same person as ${first.account.externalRef} (${link.method}). Merge them or close one.`,
      }));
    });
  },
};
