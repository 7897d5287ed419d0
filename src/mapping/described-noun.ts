import * as z from 'zod';
import {
  Amount,
  CalendarDate,
  CountryCode,
  CurrencyCode,
  Instant,
  Percent,
  QuantityText,
  UnitPrice,
} from '../canonical/fields.ts';
import type { FieldDescription, ObjectDescription } from '../sdk/define-connector.ts';
import { outboundSourceOf } from './language/target-fields.ts';

/** Types of our own fields that are texts in JSON and more than that to us. */
const NAMED: ReadonlyMap<z.ZodType, string> = new Map<z.ZodType, string>([
  [Amount, 'amount'],
  [CalendarDate, 'date'],
  [CountryCode, 'country'],
  [CurrencyCode, 'currency'],
  [Instant, 'instant'],
  [Percent, 'decimal'],
  [QuantityText, 'decimal'],
  [UnitPrice, 'decimal'],
]);

/**
 * A canonical noun, or a document of commerce, described as a vendor's object is: its fields with label, type, whether
 * one is required, and the values of an enumeration. Null for a name that is neither.
 */
export function describeNoun(object: string): ObjectDescription | null {
  const schema = outboundSourceOf(object);
  if (!(schema instanceof z.ZodObject)) return null;
  const fields = Object.entries(schema.shape as Readonly<Record<string, z.ZodType>>);
  return {
    object,
    label: labelOf(object),
    fields: fields.map(([name, field]) => describeField(name, field)),
  };
}

function describeField(name: string, schema: z.ZodType): FieldDescription {
  const inner = unwrapped(schema);
  return {
    name,
    label: labelOf(name),
    type: typeOf(inner),
    required: !schema.safeParse(undefined).success,
    readOnly: false,
    custom: false,
    key: name === 'externalRef',
    picklist: inner instanceof z.ZodEnum ? inner.options.map(String) : [],
    reference: referenceOf(name),
  };
}

function unwrapped(schema: z.ZodType): z.ZodType {
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodNullable
  )
    return unwrapped(schema.unwrap() as z.ZodType);
  return schema;
}

function typeOf(schema: z.ZodType): string {
  const named = NAMED.get(schema);
  if (named !== undefined) return named;
  if (schema instanceof z.ZodBoolean) return 'boolean';
  if (schema instanceof z.ZodNumber) return schema.safeParse(1.5).success ? 'number' : 'integer';
  if (schema instanceof z.ZodArray) return 'list';
  if (schema instanceof z.ZodObject || schema instanceof z.ZodRecord) return 'object';
  return 'text';
}

/** `accountRef` points at an account. `externalRef` points at nothing of ours. */
function referenceOf(name: string): string | null {
  const [, to] = /^(.+)Refs?$/.exec(name) ?? [];
  return to === undefined || to === 'external' || to === 'foreign' ? null : to;
}

/** `purchaseOrderNumber` as people write it: "Purchase order number". */
function labelOf(name: string): string {
  const words = name.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
