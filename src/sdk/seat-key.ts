import type { FieldDescription, ObjectDescription } from './define-connector.ts';
import { ValidationError, type JsonObject } from './kernel.ts';

/** The parts that tell one seat of a vendor apart: `{ user: 'u-1', value: 'FIG-ORG' }`. */
type SeatKey = Readonly<Record<string, string>>;

/** A seat's parts as one text, whatever their order: the vendor's id of a record for which the vendor has none. */
export function seatKeyText(parts: SeatKey): string {
  const sorted = Object.entries(parts).toSorted(([left], [right]) => (left < right ? -1 : 1));
  return new URLSearchParams(sorted).toString();
}

/** The parts behind such a text. Throws ValidationError unless each of `names` is there and not empty. */
export function readSeatKey<Name extends string>(
  text: string | null,
  names: readonly Name[],
): Readonly<Record<Name, string>> {
  const given = new URLSearchParams(text ?? '');
  const parts = names.map((name): [Name, string] => {
    const value = given.get(name) ?? '';
    if (value !== '') return [name, value];
    throw new ValidationError(
      `A seat is written by its ${names.join(' and ')}; "${text ?? ''}" has no ${name}. Let the mapping give id.${name}.`,
    );
  });
  return Object.fromEntries(parts) as Record<Name, string>;
}

/** What a mapping gives of a seat, parted: which seat it is (`id`), and how it shall be. */
export function partSeatFields(fields: JsonObject): {
  readonly key: SeatKey | null;
  readonly fields: JsonObject;
} {
  const { id, ...rest } = fields;
  if (typeof id !== 'object' || id === null || Array.isArray(id))
    return { key: null, fields: rest };
  const parts = Object.entries(id as JsonObject).flatMap(([name, value]): [string, string][] =>
    typeof value === 'string' && value !== '' ? [[name, value]] : [],
  );
  return { key: parts.length === 0 ? null : Object.fromEntries(parts), fields: rest };
}

/** The description of an object that stands for seats: which one it is (`id` with its parts), and how it shall be. */
export function describeSeat(
  object: string,
  label: string,
  keys: readonly string[],
  fields: readonly string[],
): ObjectDescription {
  const field = (name: string, key: boolean): FieldDescription => ({
    name,
    label: name,
    type: name === 'assigned' || name === 'active' ? 'boolean' : 'text',
    required: key,
    readOnly: false,
    custom: false,
    key,
    picklist: [],
    reference: null,
  });
  const parts = ['id', ...keys.map((key) => `id.${key}`)].map((name) => field(name, true));
  return { object, label, fields: [...parts, ...fields.map((name) => field(name, false))] };
}
