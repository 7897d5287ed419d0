import type { TenantTx } from '../../db/store.ts';
import { HubError } from '../../kernel/errors.ts';
import type { ChainRow } from '../chain.ts';
import { chainRows, savedHead } from '../chain-store.ts';
import type { AuditHead, HeadSigner } from '../head.ts';
import { verifyChain } from '../verify.ts';

/** The sealed events up to an instant, with a signed head over the last of them. */
export interface AuditExtract {
  readonly rows: readonly ChainRow[];
  /** Null while nothing was sealed. */
  readonly head: AuditHead | null;
}

/**
 * The chain from its first seal to the last event of an instant. The whole chain is checked first, and a chain that was touched
 * is not signed anew (StaleError of code `audit_broken`); events of that time that no seal names yet are asked for again
 * (`audit_unsealed`, retryable). Run it on one snapshot.
 */
export async function auditExtract(
  tx: TenantTx,
  signer: HeadSigner,
  { until, exported }: { readonly until: Date; readonly exported: readonly AuditHead[] },
): Promise<AuditExtract> {
  await requireSealed(tx, until);
  const last = await lastPlace(tx, until);
  const rows: ChainRow[] = [];
  const saved = await savedHead(tx);
  const fault = await verifyChain(keeping(chainRows(tx), last, rows), {
    tenant: tx.tenantId,
    publicKey: signer.publicKey,
    heads: saved === null ? exported : [...exported, saved],
  });
  if (fault !== null)
    throw new HubError(
      `The audit log was changed outside Trueup, so no evidence can rest on it: ${fault.message} See \`trueup audit verify\`.`,
      { status: 409, code: 'audit_broken', retryable: false },
    );
  const end = rows.at(-1);
  if (end === undefined) return { rows, head: null };
  const { seq, hash } = end;
  return { rows, head: signer.sign({ tenant: tx.tenantId, seq, hash, at: until.toISOString() }) };
}

async function* keeping(
  chain: AsyncIterable<ChainRow>,
  last: number,
  kept: ChainRow[],
): AsyncGenerator<ChainRow> {
  for await (const row of chain) {
    if (row.seq <= last) kept.push(row);
    yield row;
  }
}

/** The highest place of the chain at which an event of that time stands. */
async function lastPlace(tx: TenantTx, until: Date): Promise<number> {
  const [row] = await tx.sql<{ seq: number | null }>(
    `select max(s.seq) as seq from audit_seal s
     join audit_event e on e.tenant_id = s.tenant_id and e.id = s.event_id where e.at <= $1`,
    [until],
  );
  return row?.seq ?? 0;
}

async function requireSealed(tx: TenantTx, until: Date): Promise<void> {
  const [row] = await tx.sql<{ waiting: number; over: boolean }>(
    `select app.clock() > $1 as over, (select count(*)::int from audit_event e where e.at <= $1
       and not exists (select from audit_seal s where s.tenant_id = e.tenant_id and s.event_id = e.id)) as waiting`,
    [until],
  );
  if (row !== undefined && row.over && row.waiting === 0) return;
  throw new HubError(
    'The audit log of the last seconds is not sealed yet. Ask for the pack again in half a minute.',
    { status: 409, code: 'audit_unsealed', retryable: true },
  );
}
