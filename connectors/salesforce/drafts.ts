import type { Json, JsonObject } from '../../src/sdk/kernel.ts';
import type { WriteRequest, WriteResult } from '../../src/sdk/write.ts';
import { toVendorForm, type Refusal } from './field-forms.ts';
import { reject } from './outcomes.ts';
import { EXTERNAL_ID_FIELD, INTENT_FIELD } from './package-fields.ts';
import { LINE_FIELDS, WRITTEN_FIELDS } from './writers.ts';

interface Line {
  readonly productCode: string;
  readonly fields: JsonObject;
}

/** A request on its way: what is sent, and what became of it. */
export interface Draft {
  readonly request: WriteRequest;
  readonly body: JsonObject;
  /** Lines of an opportunity in Salesforce's forms; null where the request says nothing about lines. */
  readonly lines: readonly Line[] | null;
  entries: ReadonlyMap<string, string>;
  result: WriteResult | null;
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const noLines: Refusal = {
  code: 'malformed_lines',
  message:
    'lines is not a list of objects with a ProductCode each. Correct the mapping of this field.',
  field: 'lines',
};

/** The lines in Salesforce's forms, or what stands against them. */
function toLines(value: Json): { readonly lines: readonly Line[] } | Refusal {
  if (!Array.isArray(value)) return noLines;
  const lines: Line[] = [];
  for (const each of value as readonly Json[]) {
    const productCode = isObject(each) ? each['ProductCode'] : undefined;
    if (!isObject(each) || typeof productCode !== 'string') return noLines;
    const form = toVendorForm(LINE_FIELDS, each);
    if (!form.ok) return form.refusal;
    lines.push({ productCode, fields: form.fields });
  }
  return { lines };
}

/** A request in Salesforce's forms; with its result at once where something stands against it. */
export function draft(object: string, request: WriteRequest): Draft {
  const { lines: rawLines, ...rest } = request.fields;
  const fields = object === 'Opportunity' ? rest : request.fields;
  const base = { request, lines: null, entries: new Map<string, string>() };
  const form = toVendorForm(WRITTEN_FIELDS[object] ?? {}, fields);
  if (!form.ok) return { ...base, body: {}, result: reject(request, form.refusal) };
  const body = {
    [EXTERNAL_ID_FIELD]: request.externalId,
    [INTENT_FIELD]: request.intentId,
    ...form.fields,
  };
  if (object !== 'Opportunity' || rawLines === undefined) return { ...base, body, result: null };
  const parsed = toLines(rawLines);
  if ('code' in parsed) return { ...base, body, result: reject(request, parsed) };
  return { ...base, body, lines: parsed.lines, result: null };
}
