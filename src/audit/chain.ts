import { createHash } from 'node:crypto';
import { canonicalJson, type Json } from '../kernel/hash.ts';

/** What the hash of an audit event covers: every column of its row, the instant to the microsecond. */
export interface SealedEntry {
  readonly tenant: string;
  readonly id: string;
  readonly at: string;
  readonly actor: string;
  readonly action: string;
  readonly subjectType: string;
  readonly subjectId: string;
  readonly details: Json;
}

/** One seal of a chain with the event that it names; `entry` is null when that event is gone. */
export interface ChainRow {
  readonly seq: number;
  readonly eventId: string;
  readonly hash: string;
  readonly entry: SealedEntry | null;
}

/** The hash before the first entry of a tenant's chain: 32 zero bytes, in hex. */
export const GENESIS = '00'.repeat(32);

/** `h_n = SHA-256(h_(n-1) || RFC 8785 of the entry)`: 32 bytes and UTF-8 in, lower-case hex out. */
export function chainHash(previous: string, entry: SealedEntry): string {
  return createHash('sha256')
    .update(previous, 'hex')
    .update(canonicalJson(entry), 'utf8')
    .digest('hex');
}
