import {
  listCertificates as list,
  type CertificateFilter,
  type StoredCertificate,
} from '../../intake/certificates.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';

/** Certificates of the company's reads, newest first. */
export function listCertificates(
  deps: Pick<Deps, 'store'>,
  caller: Caller,
  filter: CertificateFilter,
): Promise<readonly StoredCertificate[]> {
  return deps.store.readTenant(caller.tenantId, (tx) => list(tx, filter));
}
