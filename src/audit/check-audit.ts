import type { TenantTx } from '../db/store.ts';
import type { ChainFault } from './chain-fault.ts';
import { chainRows, countChain, savedHead } from './chain-store.ts';
import type { AuditHead } from './head.ts';
import { verifyChain } from './verify.ts';

/** What a check of a company's audit found. */
export interface AuditVerification {
  /** True if no sealed event was touched. Events that wait for the sealer do not count against it. */
  readonly ok: boolean;
  readonly sealed: number;
  readonly unsealed: number;
  readonly firstBad: ChainFault | null;
  /** The signed head that the database holds; null before the first event was sealed. */
  readonly head: AuditHead | null;
}

/** Checks the tenant's whole chain against its signed heads, in the database and exported. Run it on one snapshot. */
export async function checkAudit(
  tx: TenantTx,
  evidence: { readonly publicKey: string; readonly exported: readonly AuditHead[] },
): Promise<AuditVerification> {
  const head = await savedHead(tx);
  const heads = head === null ? evidence.exported : [...evidence.exported, head];
  const firstBad = await verifyChain(chainRows(tx), {
    tenant: tx.tenantId,
    publicKey: evidence.publicKey,
    heads,
  });
  return { ok: firstBad === null, ...(await countChain(tx)), firstBad, head };
}
