import { createHash } from 'node:crypto';
import { monotonicFactory } from 'ulid';

const nextUlid = monotonicFactory();
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';

/** The kinds of row that we name ourselves; the prefix says what an id is when it turns up in a log. */
export type IdPrefix =
  | 'run' | 'pln' | 'int' | 'fnd' | 'rec' | 'pos' | 'usr' | 'key' | 'evt' | 'aud' | 'err' | 'fct' | 'lnk' | 'sch' | 'inb' | 'map' | 'crt' | 'hld' | 'dtk' | 'dus' | 'dgr' | 'usb' | 'usc' | 'usu' | 'drf' | 'chg' | 'cmt' | 'shd' | 'cfl' | 'whe' | 'inc' | 'rrq' | 'exc' | 'cyc' | 'rtk' | 'evp' | 'rsh' | 'srq'; // prettier-ignore

/** A new id such as `run_01J…`: a prefix and a ULID, so ids of one kind sort by the time they were made. */
export function newId(prefix: IdPrefix): string {
  return `${prefix}_${nextUlid().toLowerCase()}`;
}

/** RFC 4648 base32 without padding, in lower case. */
export function base32(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let value = 0;
  for (const byte of bytes) {
    value = (value << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      text += ALPHABET[(value >>> (bits - 5)) & 31];
      bits -= 5;
    }
    value &= (1 << bits) - 1;
  }
  return bits > 0 ? text + ALPHABET[(value << (5 - bits)) & 31] : text;
}

function digest(parts: readonly string[]): string {
  return base32(createHash('sha256').update(JSON.stringify(parts)).digest());
}

/** What an effect is about: one record of one object in one connected system. */
export interface EffectTarget {
  readonly tenantId: string;
  readonly connection: string;
  readonly object: string;
  readonly canonicalId: string;
}

/**
 * The vendor-side key of a record that we write (52 characters). It holds no version, so an edited deal
 * updates its order and never makes a second one (contract §3).
 */
export function externalIdOf(target: EffectTarget): string {
  return digest([target.tenantId, target.connection, target.object, target.canonicalId]);
}

/** The id of one revision of an effect; it travels beside the external id and proves a read-back (contract §3). */
export function intentIdOf(externalId: string, revision: number): string {
  return digest([externalId, String(revision)]);
}
