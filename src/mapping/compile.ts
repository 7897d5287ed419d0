import type * as z from 'zod';
import { NOUNS, type NounName } from '../canonical/nouns.ts';
import { InternalError, ValidationError } from '../kernel/errors.ts';
import type { Json, JsonObject } from '../kernel/hash.ts';
import { compileCheck, type BodyCheck } from './compile-check.ts';
import { compilePath, type PathGetter, type Scope } from './compile-path.ts';
import { compileRow, isBlank, SKIP, type ReadRow, type RowRun } from './compile-row.ts';
import { compileExpression, type Expression } from './expressions/compile-expression.ts';
import { resetBudget } from './expressions/expression-budget.ts';
import { useLookups } from './expressions/function-library.ts';
import { fieldsRead, textsNamed } from './fields-read.ts';
import { directionOf, isProblem } from './language/direction.ts';
import {
  isEachRow,
  type AnyRow,
  type MappingDocument,
  type Row,
} from './language/mapping-document.ts';
import type { Mapping, Steps } from './language/parse-mapping.ts';
import { rowFailure, schemaFailure, sourceText, type MapFailure } from './map-failure.ts';
import type {
  IncludeRef,
  LandedRecord,
  MapContext,
  MappedFact,
  MappingPlan,
  MapResult,
} from './mapping-plan.ts';
import { outerNames, rowNames } from './scope-names.ts';
import { shapeOf } from './shape-of.ts';

/** Items of one record's loop at most. */
const MAX_ITEMS = 10_000;

interface CompiledField {
  readonly name: string;
  readonly path: string | null;
  readonly read: ReadRow;
}

interface Compiled {
  readonly noun: NounName;
  readonly schema: z.ZodType;
  /** The schema as straight-line checks; null if it has a kind of field that those do not know. */
  readonly check: BodyCheck | null;
  readonly document: MappingDocument;
  readonly includes: readonly {
    readonly alias: string;
    readonly stream: string;
    readonly id: PathGetter;
  }[];
  readonly when: Expression | null;
  readonly loop: {
    readonly items: PathGetter;
    readonly path: string;
    readonly as: string;
    readonly when: Expression | null;
  } | null;
  readonly fields: readonly CompiledField[];
}

/**
 * Compiles a checked inbound mapping into closures that run on landed records.
 * Throws an InternalError for a mapping that was not checked or that is outbound.
 */
export function compileMapping(mapping: Mapping, steps: Steps): MappingPlan {
  const { document, hash } = mapping;
  const direction = directionOf(document);
  if (isProblem(direction) || direction.kind !== 'inbound') {
    throw new InternalError(`The mapping ${document.id} is not an inbound mapping.`);
  }
  const lookups = new Set<string>();
  const compiled = compileParts(document, direction.noun, steps, lookups);
  return {
    kind: 'inbound',
    id: document.id,
    version: document.version,
    hash,
    source: { connection: direction.connection, stream: direction.stream },
    target: { noun: direction.noun },
    mapsDeleted: document.deleted === true,
    includes: compiled.includes.map(({ alias, stream }) => ({ alias, stream })),
    lookups: [...lookups],
    reads: fieldsRead(document, direction.stream),
    texts: textsNamed(document),
    personalFields: Object.entries(document.fields)
      .filter(([, row]) => !isEachRow(row) && row.pii === true)
      .map(([name]) => name),
    includeRefs: (record) => includeRefs(compiled, record.data),
    mapRecord: (record, context) => mapRecord(compiled, record, context),
  };
}

function compileParts(
  document: MappingDocument,
  noun: NounName,
  steps: Steps,
  lookups: Set<string>,
): Compiled {
  const names = rowNames(document);
  const outer = outerNames(document);
  const expression = (text: string | undefined, known: readonly string[]): Expression | null => {
    if (text === undefined) return null;
    const made = compileExpression(text, known);
    for (const table of made.lookups) lookups.add(table);
    return made;
  };
  const { forEach } = document;
  return {
    noun,
    schema: NOUNS[noun],
    check: compileCheck(NOUNS[noun]),
    document,
    includes: Object.entries(document.include ?? {}).map(([alias, { stream, id }]) => ({
      alias,
      stream,
      id: compilePath(id),
    })),
    when: expression(document.when, outer),
    loop:
      forEach === undefined
        ? null
        : {
            items: compilePath(forEach.items),
            path: forEach.items,
            as: forEach.as,
            when: expression(forEach.when, names),
          },
    fields: Object.entries(document.fields)
      .filter((entry): entry is [string, Row] => isWritten(entry[1]))
      .map(([name, row]) => ({
        name,
        path: sourceText(row),
        read: compileRow(row, { steps, names, lookups }),
      })),
  };
}

function isWritten(row: AnyRow): boolean {
  return !isEachRow(row) && row.sync !== 'dont-sync';
}

function includeRefs({ includes }: Compiled, data: JsonObject): readonly IncludeRef[] {
  if (includes.length === 0) return [];
  const scope = { src: data };
  return includes.flatMap(({ alias, stream, id }) => {
    const value = id(scope);
    return typeof value === 'string' && value !== '' ? [{ alias, stream, id: value }] : [];
  });
}

function mapRecord(compiled: Compiled, record: LandedRecord, context: MapContext): MapResult {
  resetBudget();
  useLookups(context.lookups);
  const scope = scopeOf(compiled, record, context);
  const { when, loop } = compiled;
  try {
    if (when !== null && !isTrue(when, scope)) return { kind: 'skipped' };
  } catch (error) {
    return rowFailure(error, null, when?.text ?? null);
  }
  if (loop !== null) return mapItems(compiled, loop, scope, context);
  const one = mapOne(compiled, scope, context);
  return one.kind === 'fact' ? { kind: 'mapped', facts: [one.fact] } : one;
}

function scopeOf({ includes }: Compiled, record: LandedRecord, context: MapContext): Scope {
  const scope: Scope = {
    src: record.data,
    record: { id: record.id, stamp: record.stamp },
    run: { startedAt: context.startedAt },
  };
  for (const { alias, stream, id } of includes) {
    const value = id(scope);
    scope[alias] = typeof value === 'string' && value !== '' ? context.landed(stream, value) : null;
  }
  return scope;
}

function isTrue(when: Expression, scope: Scope): boolean {
  const answer = when.evaluate(scope);
  if (typeof answer === 'boolean') return answer;
  throw new ValidationError(
    `A condition must be true or false; this one gave ${shapeOf(answer)}.`,
    {
      details: { code: 'bad_condition' },
    },
  );
}

type One =
  | { readonly kind: 'fact'; readonly fact: MappedFact }
  | { readonly kind: 'skipped' }
  | MapFailure;

function mapItems(
  compiled: Compiled,
  loop: NonNullable<Compiled['loop']>,
  scope: Scope,
  context: MapContext,
): MapResult {
  const items: Json | undefined = loop.items(scope);
  if (items === null || items === undefined) return { kind: 'mapped', facts: [] };
  if (!Array.isArray(items) || items.length > MAX_ITEMS) {
    const message = `The loop needs a list of at most ${MAX_ITEMS} items and got ${shapeOf(items)}.`;
    return { kind: 'failed', code: 'bad_loop', message, row: null, path: loop.path };
  }
  const facts: MappedFact[] = [];
  for (const item of items) {
    scope[loop.as] = item;
    const one = mapItem(compiled, loop.when, scope, context);
    if (one.kind === 'failed') return one;
    if (one.kind === 'fact') facts.push(one.fact);
  }
  return { kind: 'mapped', facts };
}

function mapItem(
  compiled: Compiled,
  when: Expression | null,
  scope: Scope,
  context: MapContext,
): One {
  if (when === null) return mapOne(compiled, scope, context);
  try {
    if (!isTrue(when, scope)) return { kind: 'skipped' };
  } catch (error) {
    return rowFailure(error, null, when.text);
  }
  return mapOne(compiled, scope, context);
}

function mapOne(
  { noun, schema, check, document, fields }: Compiled,
  scope: Scope,
  run: RowRun,
): One {
  const body: Record<string, Json> = {};
  let at: CompiledField | undefined;
  try {
    for (at of fields) {
      const value = at.read(scope, run);
      if (value === SKIP) return { kind: 'skipped' };
      if (!isBlank(value)) body[at.name] = value;
    }
  } catch (error) {
    return rowFailure(error, at?.name ?? null, at?.path ?? null);
  }
  if (check?.complete(body) === true) return { kind: 'fact', fact: { noun, body } };
  const parsed = schema.safeParse(body);
  if (!parsed.success) return schemaFailure(parsed.error, body, document.fields, scope);
  return { kind: 'fact', fact: { noun, body: parsed.data as JsonObject } };
}
