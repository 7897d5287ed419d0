import { appendHeads, headFile, readLastHead } from '../audit/head-file.ts';
import type { HeadSigner } from '../audit/head.ts';
import { headToExport, sealPending } from '../audit/sealer.ts';
import { listTenants } from '../db/tenants.ts';
import { messageOf } from '../kernel/errors.ts';
import { auditSigner } from './audit-signer.ts';
import type { Deps } from './deps.ts';

const SEAL_EVERY_MS = 30_000;
/** All events, not only recent ones: finds what was written by a transaction that stayed open for more than a day. */
const FULL_EVERY_MS = 3_600_000;
const AT_ONCE = 5_000;

type SealDeps = Pick<Deps, 'clock' | 'home' | 'kek' | 'logger' | 'store'>;

export interface SealRound {
  readonly full: boolean;
  /** Default 5 s (see the sealer). */
  readonly lagSeconds?: number;
}

/**
 * For the sweeper: seals every company's audit about every 30 seconds. One that fails keeps no other from being sealed.
 */
export function auditSweep(deps: SealDeps): () => Promise<void> {
  let sealedAt = -Infinity;
  let fullAt = -Infinity;
  return async () => {
    const now = deps.clock.now().getTime();
    if (now - sealedAt < SEAL_EVERY_MS) return;
    sealedAt = now;
    const full = now - fullAt >= FULL_EVERY_MS;
    if (full) fullAt = now;
    await sealAudits(deps, { full });
  };
}

/** Seals what waits in every company's audit and exports the heads. */
export async function sealAudits(deps: SealDeps, round: SealRound): Promise<void> {
  const signer = await auditSigner(deps.kek);
  for (const tenant of await listTenants(deps.store)) {
    try {
      await sealTenant(deps, tenant.id, signer, round);
    } catch (error) {
      deps.logger.warn('the audit could not be sealed and is tried again', {
        tenant: tenant.id,
        reason: messageOf(error),
      });
    }
  }
}

/** Seals what waits in one company's audit and exports its head where that is due; what was touched is logged and left alone. */
export async function sealTenant(
  deps: SealDeps,
  tenantId: string,
  signer: HeadSigner,
  round: SealRound,
): Promise<void> {
  const path = headFile(deps.home, tenantId);
  const exported = await readLastHead(path);
  for (let more = true; more;) {
    const result = await deps.store.withTenant(tenantId, (tx) =>
      sealPending(tx, signer, { ...round, exported, limit: AT_ONCE }),
    );
    if (result.kind === 'broken') {
      deps.logger.error(
        'The audit was changed outside Trueup; nothing more is sealed until it is restored',
        {
          tenant: tenantId,
          reason: result.reason,
        },
      );
      return;
    }
    more = result.kind === 'sealed' && result.count === AT_ONCE;
  }
  const due = await deps.store.readTenant(tenantId, (tx) => headToExport(tx, exported));
  if (due !== null) await appendHeads(path, [due]);
}
