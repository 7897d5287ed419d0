import type { Json, JsonObject } from '../../src/sdk/kernel.ts';
import { mayHaveLostDigits } from './records.ts';
import type { FieldForm } from './writers.ts';

type Forms = Readonly<Record<string, FieldForm>>;

/** What stands against a record before anything is sent. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly field: string | null;
}

export type VendorForm =
  | { readonly ok: true; readonly fields: JsonObject }
  | { readonly ok: false; readonly refusal: Refusal };

const DECIMAL = /^-?\d+(\.\d+)?$/;

/** A decimal string as the JSON number of the same digits, or undefined where a double cannot hold them. */
function toNumber(value: Json): number | undefined {
  if (typeof value === 'number') return mayHaveLostDigits(value) ? undefined : value;
  if (typeof value !== 'string' || !DECIMAL.test(value)) return undefined;
  const significant = value.replace(/[-.]/g, '').replace(/^0+/, '');
  const trimmed = value.includes('.') ? significant.replace(/0+$/, '') : significant;
  return trimmed.length > 15 ? undefined : Number(value);
}

/** Fields as Salesforce takes them: a figure may come as a decimal string too, and is never rounded. */
export function toVendorForm(forms: Forms, fields: JsonObject): VendorForm {
  const result: Record<string, Json> = {};
  for (const [name, value] of Object.entries(fields)) {
    const form = forms[name] ?? 'text';
    if (value === null || form === 'text') {
      result[name] = value;
      continue;
    }
    const number = toNumber(value);
    if (number === undefined || (form === 'integer' && !Number.isInteger(number))) {
      const message = `${name} is not a figure that Salesforce can hold exactly (a decimal of at most 15 digits). Correct the mapping of this field.`;
      return { ok: false, refusal: { code: 'number_precision', message, field: name } };
    }
    result[name] = number;
  }
  return { ok: true, fields: result };
}

/** The named fields of a vendor's row as it holds them; those that the row lacks are left out. */
export function pickFields(forms: Forms, row: Readonly<Record<string, unknown>>): JsonObject {
  return Object.fromEntries(
    Object.keys(forms)
      .filter((name) => name in row)
      .map((name): [string, Json] => [name, row[name] as Json]),
  );
}
