import type { TenantTx } from '../db/store.ts';
import { chainHash, GENESIS } from './chain.ts';
import {
  hashAt,
  insertSeals,
  lastSeal,
  savedHead,
  saveHead,
  takeChain,
  unsealedEntries,
} from './chain-store.ts';
import { headProblem, type AuditHead, type HeadSigner } from './head.ts';

/**
 * Younger events wait, so that a transaction that commits a little later keeps its place by id. Only the order depends
 * on it: what commits later still is sealed later.
 */
export const SEAL_LAG_SECONDS = 5;
/** A search for recent events ends here; a full one has no end. No transaction stays open this long. */
const RECENT_DAYS = 1;

/** How far the heads outside may lie behind. More of them would only make checks slower. */
const EXPORT_EVERY_MS = 300_000;

export interface SealOptions {
  /** The newest head outside the database; the chain must still hold it. */
  readonly exported: AuditHead | null;
  /** Look at every event that was ever written, not only at recent ones. */
  readonly full: boolean;
  /** The most events of one call. */
  readonly limit: number;
  readonly lagSeconds?: number;
}

/** `busy`: another process seals now. `broken`: the chain was tampered with, and nothing is added to it. */
export type SealResult =
  | { readonly kind: 'sealed'; readonly count: number }
  | { readonly kind: 'busy' }
  | { readonly kind: 'broken'; readonly reason: string };

/**
 * Chains events that no seal names yet and signs the new head, all in the caller's transaction. One transaction at a
 * time seals a tenant. A chain whose end is not the one that was signed is left alone: signing on would cover it up.
 */
export async function sealPending(
  tx: TenantTx,
  signer: HeadSigner,
  options: SealOptions,
): Promise<SealResult> {
  if (!(await takeChain(tx))) return { kind: 'busy' };
  const end = await lastSeal(tx);
  const reason = (await brokenEnd(tx, end, signer)) ?? (await brokenExport(tx, options.exported));
  if (reason !== null) return { kind: 'broken', reason };
  const entries = await unsealedEntries(tx, {
    olderThanSeconds: options.lagSeconds ?? SEAL_LAG_SECONDS,
    withinDays: options.full ? null : RECENT_DAYS,
    limit: options.limit,
  });
  if (entries.length === 0) return { kind: 'sealed', count: 0 };
  let hash = end?.hash ?? GENESIS;
  const seals = entries.map((entry) => {
    hash = chainHash(hash, entry);
    return { eventId: entry.id, hash };
  });
  const start = end?.seq ?? 0;
  await insertSeals(tx, start + 1, seals);
  const at = (await tx.clock()).toISOString();
  await saveHead(tx, signer.sign({ tenant: tx.tenantId, seq: start + seals.length, hash, at }));
  return { kind: 'sealed', count: seals.length };
}

async function brokenEnd(
  tx: TenantTx,
  end: { readonly seq: number; readonly hash: string } | null,
  signer: HeadSigner,
): Promise<string | null> {
  const head = await savedHead(tx);
  if (head === null)
    return end === null ? null : `${end.seq} events are sealed and no signed head is left`;
  const problem = headProblem(head, { tenant: tx.tenantId, publicKey: signer.publicKey });
  if (problem !== null) return `the head at ${head.seq} proves nothing: ${problem}`;
  if (end?.seq === head.seq && end.hash === head.hash) return null;
  return `the chain ends at ${end?.seq ?? 0}, and not with what was signed at ${head.seq}`;
}

async function brokenExport(tx: TenantTx, exported: AuditHead | null): Promise<string | null> {
  if (exported === null || (await hashAt(tx, exported.seq)) === exported.hash) return null;
  return `the chain no longer holds what was exported at ${exported.seq}`;
}

/** The head that is due to be kept outside the database, where it shows a cut tail; null if the newest one is there. */
export async function headToExport(
  tx: TenantTx,
  exported: AuditHead | null,
): Promise<AuditHead | null> {
  const head = await savedHead(tx);
  if (head === null || head.seq === exported?.seq) return null;
  if (exported === null) return head;
  const age = (await tx.clock()).getTime() - Date.parse(exported.at);
  return age >= EXPORT_EVERY_MS ? head : null;
}
