import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';

/** Secrets of the same form that the vendor has never heard of: fresh keys of the same kind, other words. */
export function wrongSecrets(secrets: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(secrets).map(([name, text]) => [name, isPem(text) ? anotherKey(text) : text.split('').toReversed().join('')]),
  );
} // prettier-ignore

function isPem(text: string): boolean {
  return text.includes('PRIVATE KEY');
}

function anotherKey(pem: string): string {
  return freshLike(createPrivateKey(pem)).export({ type: 'pkcs8', format: 'pem' }).toString();
}

function freshLike(key: KeyObject): KeyObject {
  const details = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType === 'ec') {
    return generateKeyPairSync('ec', { namedCurve: details.namedCurve ?? 'P-256' }).privateKey;
  }
  return generateKeyPairSync('rsa', { modulusLength: details.modulusLength ?? 2048 }).privateKey;
}
