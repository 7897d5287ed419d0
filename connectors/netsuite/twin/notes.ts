import { hashJson, type Json } from '../../../src/sdk/kernel.ts';
import type { Author } from './authors.ts';
import type { Fields, RecordType } from './schema-fields.ts';
import type { State, Stored } from './state.ts';
import { idOf, textOf } from './values.ts';

/** NetSuite's ids of the record types whose changes are noted (customer, vendor, item, transaction). */
function recordTypeId(type: RecordType): string | null {
  if (type.transaction !== undefined) return '-30';
  return { customer: '-2', vendor: '-3', item: '-10' }[type.object] ?? null;
}

const CREATE = '2';
const DELETE = '3';
const CHANGE = '4';

/** Fields that name a line or repeat the status: nobody changes them. */
const DERIVED = new Set(['line', 'orderStatus']);

interface Change {
  readonly field: string | null;
  readonly line: string | null;
  readonly type: string;
  readonly before: string | null;
  readonly after: string | null;
}

function shown(value: Json | undefined): string | null {
  if (typeof value === 'boolean') return value ? 'T' : 'F';
  return idOf(value) ?? textOf(value);
}

function changesOf(
  fields: Fields,
  before: Readonly<Record<string, Json>>,
  after: Readonly<Record<string, Json>>,
  line: string | null,
): readonly Change[] {
  return Object.entries(fields).flatMap(([name, field]): readonly Change[] => {
    if (field.kind === 'lines' || field.kind === 'instant' || DERIVED.has(name)) return [];
    const [was, is] = [before[name] ?? null, after[name] ?? null];
    if (hashJson(was) === hashJson(is)) return [];
    return [
      { field: name.toUpperCase(), line, type: CHANGE, before: shown(was), after: shown(is) },
    ];
  });
}

function allChanges(
  type: RecordType,
  before: Stored | undefined,
  after: Stored | undefined,
): readonly Change[] {
  const none = { field: null, line: null, before: null, after: null };
  if (before === undefined) return [{ ...none, type: CREATE }];
  if (after === undefined) return [{ ...none, type: DELETE }];
  const lines = after.lines.flatMap((line) => {
    const number = textOf(line['line']);
    const former = before.lines.find((each) => textOf(each['line']) === number);
    return changesOf(type.lines ?? {}, former ?? {}, line, number);
  });
  return [...changesOf(type.fields, before.fields, after.fields, null), ...lines];
}

/** Writes the system notes of one change; `at` is its second as UTC text. */
export function writeNotes(
  state: State,
  change: { readonly before: Stored | undefined; readonly after: Stored | undefined },
  by: Author,
  at: string,
): void {
  const record = change.after ?? change.before;
  const type = record === undefined ? undefined : state.type(record.object);
  const typeId = type === undefined ? null : recordTypeId(type);
  if (record === undefined || type === undefined || typeId === null) return;
  for (const each of allChanges(type, change.before, change.after)) {
    state.put({
      object: 'systemnote',
      id: state.nextNoteId(),
      lines: [],
      fields: {
        date: at,
        name: { id: by.employee },
        recordId: record.id,
        recordTypeId: typeId,
        record: textOf(record.fields['tranId']) ?? textOf(record.fields['entityId']),
        field: each.field,
        lineId: each.line,
        type: { id: each.type },
        oldValue: each.before,
        newValue: each.after,
        context: by.context,
      },
    });
  }
}
