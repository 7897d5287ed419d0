import { getCertificate, type StoredCertificate } from '../../intake/certificates.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';

/** One certificate. Throws NotFoundError. */
export function showCertificate(
  deps: Pick<Deps, 'store'>,
  caller: Caller,
  id: string,
): Promise<StoredCertificate> {
  return deps.store.readTenant(caller.tenantId, (tx) => getCertificate(tx, id));
}
