import type { NounName } from '../../canonical/nouns.ts';
import type { LocalDate } from '../../kernel/dates.ts';
import type { JsonObject } from '../../kernel/hash.ts';
import type { PlantedDrift } from '../../sdk/define-twin.ts';
import type { Login } from '../logins.ts';
import type { Prng } from '../prng.ts';
import type { VendorIds } from '../vendor-ids.ts';

/** What a system says that the company's four do not speak for: one canonical record of one connection. */
export interface SaidRecord {
  readonly connection: string;
  readonly noun: NounName;
  readonly body: JsonObject;
}

/**
 * What one planter adds to a company: records in which drift of its kinds is, records that only look like it, and the list
 * of the former.
 */
export interface Planting {
  readonly logins: readonly Login[];
  /** Rows of employment.csv. */
  readonly employment: readonly JsonObject[];
  readonly records: readonly SaidRecord[];
  /** What the systems say instead on the company's day, after `records` were read ten days before. */
  readonly later: readonly SaidRecord[];
  readonly planted: readonly PlantedDrift[];
}

/** What a planter draws from. */
export interface Planter {
  readonly prng: Prng;
  readonly ids: VendorIds;
  /** How many cases of a kind to plant. */
  readonly cases: () => number;
}

const NOTHING: Planting = { logins: [], employment: [], records: [], later: [], planted: [] };

/** A planting of what is given. */
export function planting(given: Partial<Planting>): Planting {
  return { ...NOTHING, ...given };
}

/** Several plantings as one. */
export function allOf(plantings: readonly Planting[]): Planting {
  return {
    logins: plantings.flatMap(({ logins }) => logins),
    employment: plantings.flatMap(({ employment }) => employment),
    records: plantings.flatMap(({ records }) => records),
    later: plantings.flatMap(({ later }) => later),
    planted: plantings.flatMap(({ planted }) => planted),
  };
}

/** Drift of a pool of our own, which is known by its part number. */
export function ofOwnPool(
  kind: string,
  sku: string,
  note: string,
  since?: LocalDate,
): PlantedDrift {
  const subject = { type: 'Position', id: `own/${sku}` };
  return { kind, subject, sku, note, ...(since === undefined ? {} : { since }) };
}

/** `count` things, told by their place. */
export function times<Item>(count: number, make: (at: number) => Item): Item[] {
  return Array.from({ length: count }, (_, at) => make(at));
}
