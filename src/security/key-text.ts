/** What the text of an API key says. */
export interface KeyText {
  readonly tenantId: string;
  readonly keyId: string;
  readonly secret: string;
}

/** `tru_<tenant>_<key>_<secret>`: a fixed start that scanners for leaked secrets can be taught. */
const SHAPE = /^tru_([a-z][a-z0-9-]{0,62})_([0-9a-z]{26})_([a-z2-7]{52})$/;

/** Spells a key. */
export function keyText(key: KeyText): string {
  return `tru_${key.tenantId}_${key.keyId.replace(/^key_/, '')}_${key.secret}`;
}

/** Reads a key; null if the text is none. */
export function parseKeyText(text: string): KeyText | null {
  const [, tenantId, key, secret] = SHAPE.exec(text) ?? [];
  if (tenantId === undefined || key === undefined || secret === undefined) return null;
  return { tenantId, keyId: `key_${key}`, secret };
}
