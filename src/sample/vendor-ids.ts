import { ValidationError } from '../kernel/errors.ts';
import type { Prng } from './prng.ts';

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const CHECKSUM = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345';

/** The key prefixes of the Salesforce objects that the sample company holds. */
const PREFIXES = {
  Account: '001',
  Asset: '02i',
  Contract: '800',
  Opportunity: '006',
  OpportunityHistory: '008',
  OpportunityLineItem: '00k',
  OpportunityStage: '01J',
  Order: '801',
  OrderItem: '802',
  Organization: '00D',
  Pricebook2: '01s',
  PricebookEntry: '01u',
  Product2: '01t',
  User: '005',
} as const;

export type SalesforceObject = keyof typeof PREFIXES;

function base62(serial: number, width: number): string {
  let rest = serial;
  let text = '';
  while (rest > 0) {
    text = (BASE62[rest % 62] ?? '') + text;
    rest = Math.floor(rest / 62);
  }
  return text.padStart(width, '0');
}

/**
 * The three characters that make a case-sensitive 15-character id safe to compare without case: per group
 * of five, one bit for each capital letter, spelled as one of 32 characters (Salesforce help, "18-digit ids").
 */
export function checksumOf(id15: string): string {
  if (id15.length !== 15) {
    throw new ValidationError(`"${id15}" is not a Salesforce id of 15 characters.`);
  }
  return [0, 5, 10]
    .map((from) => {
      const capitals = [0, 1, 2, 3, 4].filter((at) => /[A-Z]/.test(id15.charAt(from + at)));
      return CHECKSUM[capitals.reduce((bits, at) => bits + (1 << at), 0)] ?? '';
    })
    .join('');
}

/** The 18-character id of a record: key prefix, instance, serial number, checksum. */
export function salesforceId(object: SalesforceObject, serial: number): string {
  const id15 = `${PREFIXES[object]}Dn0${base62(serial, 9)}`;
  return id15 + checksumOf(id15);
}

/** True if the text is an 18-character id whose checksum fits, of the given object when one is named. */
export function isSalesforceId(text: string, object?: SalesforceObject): boolean {
  if (!/^[0-9A-Za-z]{15}[A-Z0-5]{3}$/.test(text)) return false;
  if (object !== undefined && !text.startsWith(PREFIXES[object])) return false;
  return checksumOf(text.slice(0, 15)) === text.slice(15);
}

/** Hands out ids of one made-up company, never the same twice. */
export interface VendorIds {
  salesforce(object: SalesforceObject): string;
  /** NetSuite numbers each family of records on its own; every transaction type shares one family. */
  netsuite(family: 'entity' | 'item' | 'transaction' | 'line'): string;
  /** A UUID of version 7: ids sort by the time of creation (RFC 9562 §5.7). */
  uuid(createdAt: string): string;
}

const NETSUITE_START = { entity: 1000, item: 200, transaction: 40_000, line: 90_000 } as const;

function hex(value: number, width: number): string {
  return value.toString(16).padStart(width, '0');
}

/** Creates the id source of one company; gaps between ids come from the seed, as other people's records would make them. */
export function createVendorIds(prng: Prng): VendorIds {
  const serials = new Map<string, number>();
  const advance = (name: string, start: number, gap: number): number => {
    const serial = (serials.get(name) ?? start) + prng.int(1, gap);
    serials.set(name, serial);
    return serial;
  };
  return {
    salesforce: (object) => salesforceId(object, advance(object, 4_000_000, 37)),
    netsuite: (family) => String(advance(`netsuite ${family}`, NETSUITE_START[family], 4)),
    uuid: (createdAt) => {
      const time = hex(Date.parse(createdAt), 12);
      // A serial in the 12 bits after the time keeps ids of one instant apart.
      const serial = hex(advance('uuid', 0, 1) % 4096, 3);
      const tail = hex(prng.int(0, 0xffff_ffff), 8) + hex(prng.int(0, 0xffff), 4);
      return `${time.slice(0, 8)}-${time.slice(8)}-7${serial}-${hex(0x8000 + prng.int(0, 0x3fff), 4)}-${tail}`;
    },
  };
}
