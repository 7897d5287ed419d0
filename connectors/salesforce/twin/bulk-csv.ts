import { parse } from 'csv-parse/sync';
import type { Json } from '../../../src/sdk/kernel.ts';
import type { TwinField } from './schema.ts';
import { vendorError, VendorRefusal } from './vendor-error.ts';

const quote = (text: string): string => `"${text.replaceAll('"', '""')}"`;

/** One line of a result: every value in quotes, an empty pair for null, a line feed at the end. */
export function csvLine(values: readonly string[]): string {
  return `${values.map(quote).join(',')}\n`;
}

/**
 * A stored value as Bulk 2.0 spells it. Unlike REST: date-times end in `Z`, figures of a double keep a decimal,
 * and nothing tells null from an empty text.
 */
export function csvValue(field: TwinField, value: Json | undefined): string {
  if (value === null || value === undefined) return '';
  if (field.type === 'datetime' && typeof value === 'number')
    return `${new Date(value).toISOString().slice(0, 19)}.000Z`;
  const isDecimal = field.type === 'double' || field.type === 'currency';
  if (isDecimal && typeof value === 'number' && Number.isInteger(value)) return value.toFixed(1);
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** An uploaded table: its header, and its rows as texts. */
export interface CsvTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Reads an upload. Throws InvalidBatch as the vendor does when it is no table. */
export function readCsv(body: Buffer, delimiter: string): CsvTable {
  try {
    const [columns = [], ...rows] = parse(body, { bom: true, delimiter }) as string[][];
    return { columns, rows };
  } catch {
    throw new VendorRefusal(
      400,
      vendorError('InvalidBatch', 'InvalidBatch : Failed to parse CSV. Field count does not match'),
    );
  }
}

const FIGURES: ReadonlySet<TwinField['type']> = new Set(['double', 'currency', 'int']);

/** A text of an upload as a field's value: `#N/A` clears it. An empty text never gets here: it changes nothing. */
export function uploadedValue(field: TwinField | undefined, text: string): Json {
  if (text === '#N/A') return null;
  if (field?.type === 'boolean') return text.toLowerCase() === 'true';
  const isFigure = field !== undefined && FIGURES.has(field.type);
  return isFigure && !Number.isNaN(Number(text)) ? Number(text) : text;
}
