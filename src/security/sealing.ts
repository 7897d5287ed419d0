import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/** AES-256. */
export const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** First byte of everything sealed, so that another format can be told apart later. */
const FORMAT = 1;
const HEAD_BYTES = 1 + NONCE_BYTES + TAG_BYTES;

/** What a sealed text is bound to. A ciphertext that is moved to another place does not open there. */
export type SealContext = readonly string[];

/** As JSON, because joined text would let `a|b` + `c` pass for `a` + `b|c`. */
function additionalData(context: SealContext): Buffer {
  return Buffer.from(JSON.stringify(context), 'utf8');
}

/** Encrypts with AES-256-GCM under a random nonce: format byte, nonce, tag, ciphertext. */
export function seal(key: Uint8Array, plain: Uint8Array, context: SealContext): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(additionalData(context));
  const body = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([Buffer.from([FORMAT]), nonce, cipher.getAuthTag(), body]);
}

/** Decrypts what `seal` made; null when the key or the context is another one, or a byte was changed. */
export function unseal(key: Uint8Array, sealed: Uint8Array, context: SealContext): Buffer | null {
  if (sealed.length < HEAD_BYTES || sealed[0] !== FORMAT) return null;
  const nonce = sealed.subarray(1, 1 + NONCE_BYTES);
  const cipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(additionalData(context));
  cipher.setAuthTag(sealed.subarray(1 + NONCE_BYTES, HEAD_BYTES));
  try {
    return Buffer.concat([cipher.update(sealed.subarray(HEAD_BYTES)), cipher.final()]);
  } catch {
    return null;
  }
}
