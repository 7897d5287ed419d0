import { InternalError } from '../kernel/errors.ts';
import type { Json, JsonObject } from '../kernel/hash.ts';
import { compilePath, type PathGetter, type Scope } from './compile-path.ts';
import {
  compileRow,
  isBlank,
  SKIP,
  type ReadRow,
  type RowContext,
  type RowRun,
} from './compile-row.ts';
import { compileExpression, type Expression } from './expressions/compile-expression.ts';
import { resetBudget } from './expressions/expression-budget.ts';
import { useLookups } from './expressions/function-library.ts';
import { fieldsWritten, type FieldRead } from './fields-read.ts';
import { directionOf, isProblem } from './language/direction.ts';
import { fieldRules, type FieldRule } from './language/field-rules.ts';
import { isEachRow, type AnyRow, type EachRow, type Row } from './language/mapping-document.ts';
import type { Mapping, Steps } from './language/parse-mapping.ts';
import { outboundSourceOf } from './language/target-fields.ts';
import type { LookupTables } from './lookups.ts';
import { rowFailure, schemaFailure, sourceText, type MapFailure } from './map-failure.ts';
import { rowNames } from './scope-names.ts';

export interface OutboundContext {
  readonly lookups: LookupTables;
  readonly startedAt: string;
}

export type OutboundResult =
  | { readonly kind: 'mapped'; readonly fields: JsonObject }
  | { readonly kind: 'skipped' }
  | MapFailure;

/** A compiled outbound mapping: a document of ours in, the vendor's field names and values out. */
export interface OutboundPlan {
  readonly kind: 'outbound';
  readonly id: string;
  readonly version: number;
  readonly hash: string;
  readonly source: { readonly document: string };
  readonly target: { readonly connection: string; readonly object: string };
  readonly lookups: readonly string[];
  /** Who wins each field where both sides wrote it. Mapping gives the source's value; the writer follows the rule. */
  readonly rules: readonly FieldRule[];
  /** Fields of the target that it writes, by their first name. */
  readonly writes: readonly FieldRead[];
  /** The texts that it writes by name: options of picklists are among them. */
  readonly texts: ReadonlySet<string>;
  mapDocument(document: JsonObject, context: OutboundContext): OutboundResult;
}

/** Writes one row's value into the record that is being built; true if the row skips the whole record. */
type WriteField = (record: MutableObject, scope: Scope, run: RowRun) => boolean;
type MutableObject = { [key: string]: Json };

interface CompiledField {
  readonly name: string;
  readonly path: string | null;
  readonly write: WriteField;
}

/**
 * Compiles a checked outbound mapping. Throws an InternalError for a mapping that was not checked or is inbound.
 */
export function compileOutbound(mapping: Mapping, steps: Steps): OutboundPlan {
  const { document, hash } = mapping;
  const direction = directionOf(document);
  const schema = outboundSourceOf(document.source.object);
  if (isProblem(direction) || direction.kind !== 'outbound' || schema === null) {
    throw new InternalError(`The mapping ${document.id} is not an outbound mapping.`);
  }
  const lookups = new Set<string>();
  const context: RowContext = { steps, names: rowNames(document), lookups };
  const when = document.when === undefined ? null : compileExpression(document.when, context.names);
  const fields = compileFields(document.fields, context);
  const written = fieldsWritten(document, direction.object);
  return {
    kind: 'outbound',
    id: document.id,
    version: document.version,
    hash,
    source: { document: direction.document },
    target: { connection: direction.connection, object: direction.object },
    lookups: [...lookups],
    rules: fieldRules(document),
    writes: written.reads,
    texts: written.texts,
    mapDocument: (given, run) => {
      const scope: Scope = {
        src: given,
        record: { id: null, stamp: null },
        run: { startedAt: run.startedAt },
      };
      const checked = schema.safeParse(given);
      if (!checked.success) return schemaFailure(checked.error, given, {}, scope);
      return mapDocument(fields, when, scope, run);
    },
  };
}

function mapDocument(
  fields: readonly CompiledField[],
  when: Expression | null,
  scope: Scope,
  run: OutboundContext,
): OutboundResult {
  resetBudget();
  useLookups(run.lookups);
  const record: MutableObject = {};
  let at: CompiledField | undefined;
  try {
    if (when !== null && when.evaluate(scope) !== true) return { kind: 'skipped' };
    for (at of fields) if (at.write(record, scope, run)) return { kind: 'skipped' };
  } catch (error) {
    return rowFailure(error, at?.name ?? null, at?.path ?? when?.text ?? null);
  }
  return { kind: 'mapped', fields: record };
}

function compileFields(
  rows: Readonly<Record<string, AnyRow>>,
  context: RowContext,
): readonly CompiledField[] {
  return Object.entries(rows)
    .filter(([, row]) => isEachRow(row) || row.sync !== 'dont-sync')
    .map(([name, row]) => ({
      name,
      path: sourceText(row),
      write: isEachRow(row) ? eachField(name, row, context) : plainField(name, row, context),
    }));
}

/** No value: `keep` leaves the vendor's field alone, `clear` writes null over it. */
function plainField(name: string, row: Row, context: RowContext): WriteField {
  const read: ReadRow = compileRow(row, context);
  const clears = row.blankPolicy === 'clear';
  const set = setter(name);
  return (record, scope, run) => {
    const value = read(scope, run);
    if (value === SKIP) return true;
    if (!isBlank(value)) set(record, value);
    else if (clears) set(record, null);
    return false;
  };
}

function eachField(name: string, row: EachRow, context: RowContext): WriteField {
  const items: PathGetter = compilePath(row.each);
  const names = [...context.names, row.as];
  const when = row.when === undefined ? null : compileExpression(row.when, names);
  const fields = compileFields(row.fields, { ...context, names });
  const set = setter(name);
  return (record, scope, run) => {
    const list = items(scope);
    const built: Json[] = [];
    for (const item of Array.isArray(list) ? list : []) {
      scope[row.as] = item;
      if (when !== null && when.evaluate(scope) !== true) continue;
      const nested: MutableObject = {};
      if (!fields.some((field) => field.write(nested, scope, run))) built.push(nested);
    }
    set(record, built);
    return false;
  };
}

/** `entity.id` builds `{ entity: { id } }`; names were checked, so none reaches a prototype. */
function setter(name: string): (record: MutableObject, value: Json) => void {
  const parts = name.split('.');
  const last = parts.pop() ?? name;
  if (parts.length === 0) return (record, value) => Object.assign(record, { [last]: value });
  return (record, value) => {
    let holder = record;
    for (const part of parts) holder = childOf(holder, part);
    holder[last] = value;
  };
}

function childOf(holder: MutableObject, name: string): MutableObject {
  const known = holder[name];
  if (typeof known === 'object' && known !== null && !Array.isArray(known))
    return known as MutableObject;
  const made: MutableObject = {};
  holder[name] = made;
  return made;
}
