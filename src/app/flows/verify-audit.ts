import { checkAudit, type AuditVerification } from '../../audit/check-audit.ts';
import { headFile, readHeads } from '../../audit/head-file.ts';
import type { Caller } from '../../security/caller.ts';
import { auditSigner } from '../audit-signer.ts';
import type { Deps } from '../deps.ts';

export type { AuditVerification };

/**
 * Checks the company's whole audit chain against its hashes, the signed head and every head that was exported to this
 * home. Throws a ConfigError if the file of exported heads cannot be read as such.
 */
export async function verifyAudit(
  deps: Pick<Deps, 'home' | 'kek' | 'store'>,
  caller: Caller,
): Promise<AuditVerification> {
  const { publicKey } = await auditSigner(deps.kek);
  const exported = await readHeads(headFile(deps.home, caller.tenantId));
  return await deps.store.readTenant(caller.tenantId, (tx) =>
    checkAudit(tx, { publicKey, exported }),
  );
}
