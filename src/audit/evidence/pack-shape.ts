import { createHash } from 'node:crypto';
import * as z from 'zod';

/** Bytes of one hashed block: small enough that every one-byte change of a block can be tried in about a second. */
export const BLOCK_BYTES = 1_024;

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** A file of a pack: its bytes as a whole, and block by block to find the place of a change. */
export const PackedFile = z.strictObject({
  path: z.string().regex(/^[a-z0-9][a-z0-9./-]*$/),
  bytes: z.number().int().nonnegative(),
  sha256: Sha256,
  /** SHA-256 of each block, its first 16 bytes in hex. */
  blocks: z.array(z.string().regex(/^[0-9a-f]{32}$/)),
});
export type PackedFile = z.infer<typeof PackedFile>;

export const Redaction = z.enum(['none', 'pseudonyms', 'no_personal_data']);
export type Redaction = z.infer<typeof Redaction>;

/** What a pack is of, and every file of it in its order. */
export const PackManifest = z.strictObject({
  format: z.literal('trueup-evidence-pack/1'),
  tenant: z.string().min(1),
  runId: z.string().min(1),
  cycleId: z.string().nullable(),
  asOf: z.string(),
  knownAt: z.string(),
  inputHash: Sha256,
  resultHash: Sha256,
  /** SHA-256 of what was signed in its RFC 8785 form; null where nothing was stated. */
  statementHash: Sha256.nullable(),
  ruleVersions: z.record(z.string(), z.number().int()),
  /** The version of each rule set, and the edition of each table of factors, that the run counted by. */
  ruleSets: z.record(z.string(), z.string()),
  factorTables: z.record(z.string(), z.string()),
  /** How persons are named in it. */
  redaction: Redaction,
  /** What it was cut to; null for everything. */
  publisher: z.string().nullable(),
  country: z.string().nullable(),
  /** The key of the heads in the audit extract. */
  auditPublicKey: z.string().min(1),
  files: z.array(PackedFile),
});
export type PackManifest = z.infer<typeof PackManifest>;

/** The signed end of a pack: whoever trusts the key trusts the manifest, and by it every file. */
export const PackHead = z.strictObject({
  tenant: z.string().min(1),
  runId: z.string().min(1),
  manifest: PackedFile,
  /** Ed25519 over the RFC 8785 form of the members above, base64. */
  signature: z.string().min(1),
  /** SubjectPublicKeyInfo in DER, base64. */
  publicKey: z.string().min(1),
});
export type PackHead = z.infer<typeof PackHead>;

export const HEAD_FILE = 'head.json';
/** The same head at the other end, so that one bad byte of either is found by the other. */
export const HEAD_COPY_FILE = 'head-copy.json';
export const MANIFEST_FILE = 'manifest.json';
export const STATEMENT_FILE = 'statement.json';
export const AUDIT_FILE = 'audit/chain.ndjson';
export const AUDIT_HEADS_FILE = 'audit/heads.json';

export function sha256Hex(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export function blockHash(block: Uint8Array): string {
  return sha256Hex(block).slice(0, 32);
}

export function describeFile(path: string, bytes: Uint8Array): PackedFile {
  const blocks: string[] = [];
  for (let at = 0; at < bytes.length; at += BLOCK_BYTES) {
    blocks.push(blockHash(bytes.subarray(at, at + BLOCK_BYTES)));
  }
  return { path, bytes: bytes.length, sha256: sha256Hex(bytes), blocks };
}
