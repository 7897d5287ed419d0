import { createHmac, hkdfSync } from 'node:crypto';
import { ConfigError } from '../kernel/errors.ts';
import { KEY_BYTES, seal, unseal, type SealContext } from './sealing.ts';

/**
 * The key-encryption key: it wraps the key of each connection, and other keys are derived from it. Its bytes stay inside;
 * a key-management service can stand behind the same calls.
 */
export interface Kek {
  /** Tells keys apart without giving one away. */
  readonly id: string;
  wrap(key: Uint8Array, context: SealContext): Promise<Buffer>;
  /** Null when another key wrapped it, the context differs, or a byte was changed. */
  unwrap(wrapped: Uint8Array, context: SealContext): Promise<Buffer | null>;
  /** A key of 32 bytes for one purpose (HKDF-SHA256); it tells nothing of this key or of another purpose's. */
  derive(purpose: string): Promise<Buffer>;
}

const BASE64_OF_KEY = /^[A-Za-z0-9+/]{43}=$/;

/** Reads the text of a key file: 32 bytes as base64 in one line. Throws a ConfigError that never quotes the text. */
export function kekFromText(text: string, path: string): Kek {
  const trimmed = text.trim();
  if (!BASE64_OF_KEY.test(trimmed)) {
    throw new ConfigError(
      `${path} does not hold a key: it must be ${KEY_BYTES} bytes as base64. Make one with: openssl rand -base64 ${KEY_BYTES}`,
    );
  }
  return kekFromBytes(Buffer.from(trimmed, 'base64'));
}

/** A key-encryption key of 32 bytes. */
export function kekFromBytes(bytes: Uint8Array): Kek {
  if (bytes.length !== KEY_BYTES) {
    throw new ConfigError(
      `The key-encryption key has ${bytes.length} bytes; it needs ${KEY_BYTES}.`,
    );
  }
  return {
    id: createHmac('sha256', bytes).update('trueup key id').digest('hex').slice(0, 16),
    wrap: (key, context) => Promise.resolve(seal(bytes, key, context)),
    unwrap: (wrapped, context) => Promise.resolve(unseal(bytes, wrapped, context)),
    derive: (purpose) =>
      Promise.resolve(Buffer.from(hkdfSync('sha256', bytes, '', `trueup ${purpose}`, KEY_BYTES))),
  };
}
