import type { TenantTx } from '../db/store.ts';
import { factsOf } from '../ledger/facts.ts';
import { byAccount } from '../ledger/identity/identities.ts';
import type { SourceDocument } from './source-document.ts';

/** Every seat or login of our own people as it is: what a mapping would be given to leave it so. */
export async function seatDocuments(
  tx: TenantTx,
  name: 'outboundSeat' | 'outboundLogin',
): Promise<readonly SourceDocument[]> {
  const accounts = await factsOf(tx, 'userAccount');
  if (name === 'outboundLogin')
    return accounts.map(({ connection, externalRef, body }) => ({
      canonicalId: `login:${connection}/${externalRef}`,
      vendorId: null,
      data: { userRef: externalRef, userName: body.userName, active: body.active },
    }));
  const names = new Map(
    accounts.map(({ connection, externalRef, body }) => [
      byAccount(connection, externalRef),
      body.userName,
    ]),
  );
  const seats = await factsOf(tx, 'seatAssignment', { where: { posture: 'licensee' } });
  return seats.map(({ connection, body: { userAccountRef: userRef, skuCode, active } }) => {
    const userName = names.get(byAccount(connection, userRef)) ?? userRef;
    return {
      canonicalId: `seat:${connection}/${userRef}/${skuCode}`,
      vendorId: null,
      data: { userRef, userName, skuCode, assigned: true, enabled: active },
    };
  });
}
