import { createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import * as z from 'zod';
import { canonicalJson } from '../kernel/hash.ts';

/** The end of a tenant's chain at one instant, signed: what is kept outside the database to show a cut tail. */
export const AuditHead = z.object({
  tenant: z.string().min(1),
  seq: z.number().int().positive(),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  at: z.iso.datetime(),
  /** Ed25519 over the RFC 8785 form of the members above, base64. */
  signature: z.string().min(1),
  /** SubjectPublicKeyInfo in DER, base64. */
  publicKey: z.string().min(1),
});
export type AuditHead = Readonly<z.infer<typeof AuditHead>>;

type HeadBody = Pick<AuditHead, 'tenant' | 'seq' | 'hash' | 'at'>;

/** Signs heads. The private key stays inside. */
export interface HeadSigner {
  readonly publicKey: string;
  sign(body: HeadBody): AuditHead;
}

/** The DER of an Ed25519 private key up to its 32 bytes (RFC 8410 §7). */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

/** The Ed25519 private key that is these 32 bytes, and its public half (SubjectPublicKeyInfo in DER, base64). */
export function keysFromSeed(seed: Uint8Array): {
  readonly key: KeyObject;
  readonly publicKey: string;
} {
  const key = createPrivateKey({
    key: Buffer.concat([PKCS8_PREFIX, seed]),
    format: 'der',
    type: 'pkcs8',
  });
  const publicKey = createPublicKey(key).export({ format: 'der', type: 'spki' }).toString('base64');
  return { key, publicKey };
}

/** The signer whose Ed25519 private key is these 32 bytes. The same bytes give the same key in every process. */
export function signerFromSeed(seed: Uint8Array): HeadSigner {
  const { key, publicKey } = keysFromSeed(seed);
  return {
    publicKey,
    sign: ({ tenant, seq, hash, at }) => ({
      tenant,
      seq,
      hash,
      at,
      signature: sign(null, bodyOf({ tenant, seq, hash, at }), key).toString('base64'),
      publicKey,
    }),
  };
}

/** Why a head proves nothing for this tenant and key, or null if it does. The key inside the head is not believed. */
export function headProblem(
  head: AuditHead,
  expected: { readonly tenant: string; readonly publicKey: string },
): string | null {
  if (head.tenant !== expected.tenant) return `it is a head of "${head.tenant}"`;
  if (head.publicKey !== expected.publicKey) return 'it was signed by another key';
  const { tenant, seq, hash, at } = head;
  const key = publicKeyOf(expected.publicKey);
  const signed =
    key !== null &&
    verify(null, bodyOf({ tenant, seq, hash, at }), key, Buffer.from(head.signature, 'base64'));
  return signed ? null : 'its signature does not fit';
}

function publicKeyOf(text: string): KeyObject | null {
  try {
    return createPublicKey({ key: Buffer.from(text, 'base64'), format: 'der', type: 'spki' });
  } catch {
    return null;
  }
}

function bodyOf(body: HeadBody): Buffer {
  return Buffer.from(canonicalJson(body), 'utf8');
}
