import * as z from 'zod';
import { NOUNS } from '../canonical/nouns.ts';
import type { Json, JsonObject } from '../kernel/hash.ts';
import { compilePath, type Scope } from './compile-path.ts';
import { compileRow, isBlank, SKIP, type ReadRow } from './compile-row.ts';
import { resetBudget } from './expressions/expression-budget.ts';
import { useLookups } from './expressions/function-library.ts';
import { directionOf } from './language/direction.ts';
import { isEachRow, type Row } from './language/mapping-document.ts';
import type { Mapping, Steps } from './language/parse-mapping.ts';
import { rowFailure, schemaFailure, sourceText, type MapFailure } from './map-failure.ts';
import type { LandedRecord, MapContext } from './mapping-plan.ts';
import { rowNames } from './scope-names.ts';

/** What one row gave for one record: its value, or why there is none. */
export interface TracedRow {
  readonly row: string;
  /** What it reads, as a person wrote it. */
  readonly path: string | null;
  readonly value: Json;
  readonly error: Omit<MapFailure, 'kind'> | null;
}

/** The rows of one item: of a mapping without a loop, of the record itself. */
export type TracedItem = readonly TracedRow[];

interface ReadField {
  readonly row: string;
  readonly path: string | null;
  readonly read: ReadRow;
}

/** Items of a loop that a preview looks into at most. */
const MAX_ITEMS = 50;

/**
 * Evaluates the rows of a mapping one by one, so that a record that fails shows every row that fails and the values of
 * all others. For people who look at few records: the compiled plan, which stops at the first failure, decides.
 */
export function tracer(
  mapping: Mapping,
  steps: Steps,
): (record: LandedRecord, context: MapContext) => readonly TracedItem[] {
  const { document } = mapping;
  const context = { steps, names: rowNames(document), lookups: new Set<string>() };
  const fields = Object.entries(document.fields)
    .filter(
      (entry): entry is [string, Row] => !isEachRow(entry[1]) && entry[1].sync !== 'dont-sync',
    )
    .map(([row, given]) => ({
      row,
      path: sourceText(given),
      read: compileRow(given, context),
    }));
  const includes = Object.entries(document.include ?? {}).map(([alias, { stream, id }]) => ({
    alias,
    stream,
    id: compilePath(id),
  }));
  const items = document.forEach === undefined ? null : compilePath(document.forEach.items);
  return (record, run) => {
    resetBudget();
    useLookups(run.lookups);
    const scope: Scope = {
      src: record.data,
      record: { id: record.id, stamp: record.stamp },
      run: { startedAt: run.startedAt },
    };
    for (const { alias, stream, id } of includes) {
      const value = id(scope);
      scope[alias] = typeof value === 'string' && value !== '' ? run.landed(stream, value) : null;
    }
    if (items === null) return [traceItem(mapping, fields, scope, run)];
    const list = items(scope);
    if (!Array.isArray(list)) return [];
    return (list as readonly Json[]).slice(0, MAX_ITEMS).map((item) => {
      scope[document.forEach?.as ?? ''] = item;
      return traceItem(mapping, fields, scope, run);
    });
  };
}

function traceItem(
  mapping: Mapping,
  fields: readonly ReadField[],
  scope: Scope,
  run: MapContext,
): TracedItem {
  const rows = fields.map((field) => traceRow(field, scope, run));
  return withSchemaErrors(mapping, rows, scope);
}

function traceRow({ row, path, read }: ReadField, scope: Scope, run: MapContext): TracedRow {
  try {
    const value = read(scope, run);
    return { row, path, value: value === SKIP || isBlank(value) ? null : value, error: null };
  } catch (error) {
    const { code, message } = rowFailure(error, row, path);
    return { row, path, value: null, error: { code, message, row, path } };
  }
}

/** What the noun's schema refuses, each at its row. Rows that failed already are not told twice. */
function withSchemaErrors({ document }: Mapping, rows: TracedItem, scope: Scope): TracedItem {
  const direction = directionOf(document);
  if (!('kind' in direction) || direction.kind !== 'inbound') return rows;
  const body: JsonObject = Object.fromEntries(
    rows.flatMap(({ row, value }) => (value === null ? [] : [[row, value]])),
  );
  const parsed = NOUNS[direction.noun].safeParse(body);
  if (parsed.success) return rows;
  const failures = new Map<string, MapFailure>();
  for (const issue of parsed.error.issues) {
    const failure = schemaFailure(new z.ZodError([issue]), body, document.fields, scope);
    if (failure.row !== null && !failures.has(failure.row)) failures.set(failure.row, failure);
  }
  return rows.map((each) => {
    const failure = failures.get(each.row);
    if (each.error !== null || failure === undefined) return each;
    const { code, message, row, path } = failure;
    return { ...each, error: { code, message, row, path } };
  });
}
