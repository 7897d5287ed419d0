import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';

/**
 * OpenSSL keeps the errors of earlier work in a queue of the thread, and Node takes any that it finds after a parse
 * for a failure of that parse: a good key was seen refused with "asn1 encoding routines::too long". The refusal
 * empties the queue, so the second attempt tells the truth.
 */
function twice(parse: () => KeyObject): KeyObject {
  try {
    return parse();
  } catch {
    return parse();
  }
}

/** A private key from unencrypted PEM; line breaks may be spelled `\n`, as environment files do. Throws on no key. */
export function readPrivateKey(pem: string): KeyObject {
  return twice(() => createPrivateKey(pem.replaceAll(String.raw`\n`, '\n')));
}

/** A public key from PEM. Throws on no key. */
export function readPublicKey(pem: string): KeyObject {
  return twice(() => createPublicKey(pem));
}
