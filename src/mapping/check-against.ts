import { parsePath } from './compile-path.ts';
import { checkKinds } from './expressions/check-kinds.ts';
import { didYouMean } from './language/closest-name.ts';
import type { Described } from './language/described.ts';
import { directionOf, isProblem, type Direction } from './language/direction.ts';
import { isEachRow, type AnyRow, type MappingDocument, type Row } from './language/mapping-document.ts'; // prettier-ignore
import type { MappingProblem, PointerPath } from './language/mapping-problem.ts';
import type { Steps } from './language/parse-mapping.ts';
import {
  ANYTHING,
  shapeOfKind,
  shapeOfObject,
  shapeOfRecord,
  shapeOfSchema,
  type Shape,
} from './language/shape.ts';
import { outboundSourceOf, targetFieldsOf } from './language/target-fields.ts';
import { problemAt } from './language/zod-problems.ts';
import { tryRow } from './try-row.ts';

/**
 * Something that a mapping does with fields that are not so. An `error` never works; a `warning` may be meant: an option
 * that is no longer offered and that old records still have, a member read with `.?`, a list that the connector takes
 * apart.
 */
export interface AgainstProblem extends MappingProblem {
  readonly severity: 'error' | 'warning';
  /** The character of the expression at which it goes wrong, from 0; null for what is no expression. */
  readonly at: number | null;
}

type Found = Omit<AgainstProblem, 'line' | 'hint'> & { readonly hint?: string | null };
type Names = Readonly<Record<string, Shape>>;

interface Looking {
  readonly steps: Steps;
  /** The target as a vendor describes it; null if nobody has, or it is a noun of ours. */
  readonly target: Shape | null;
  readonly direction: Direction;
}

/**
 * Checks a mapping that fits against the fields that the systems really have: paths and members that are not there,
 * values of a kind that a step, a type or the target never takes. Objects that `described` does not hold are not
 * checked; documents and nouns of ours always are. Tells only what is certain, so a mapping that works is never told of.
 */
export function checkAgainst(
  document: MappingDocument,
  described: Described,
  steps: Steps,
): readonly AgainstProblem[] {
  const direction = directionOf(document);
  if (isProblem(direction)) return [];
  const names = namesOf(document, direction, described);
  const target =
    direction.kind === 'outbound' ? shapeNamed(described, direction.object, null) : null;
  const looking: Looking = { steps, target, direction };
  const { inner, problems } = frame(document, names);
  const rows = Object.entries(document.fields).flatMap(([name, row]) =>
    anyRow(looking, name, row, ['fields', name], inner),
  );
  return [...problems, ...rows].map((problem) => ({ hint: null, line: null, ...problem }));
}

function shapeNamed<Otherwise>(
  described: Described,
  object: string,
  otherwise: Otherwise,
): Shape | Otherwise {
  const found = described.get(object);
  return found === undefined ? otherwise : shapeOfObject(found);
}

/** The shapes of what every row can see. */
function namesOf(document: MappingDocument, direction: Direction, described: Described): Names {
  const own = {
    record: shapeOfRecord({ id: shapeOfKind('text'), stamp: ANYTHING }),
    run: shapeOfRecord({ startedAt: shapeOfKind('instant') }),
  };
  if (direction.kind === 'outbound') {
    const schema = outboundSourceOf(direction.document);
    return { ...own, src: schema === null ? ANYTHING : shapeOfSchema(schema) };
  }
  const included = Object.entries(document.include ?? {}).map(
    ([alias, { stream }]) => [alias, shapeNamed(described, stream, ANYTHING)] as const,
  );
  const src = shapeNamed(described, direction.stream, ANYTHING);
  return { ...own, src, ...Object.fromEntries(included) };
}

/** What stands around the rows, and the names that rows see within it. */
function frame(
  { include = {}, when, forEach }: MappingDocument,
  names: Names,
): { readonly inner: Names; readonly problems: readonly Found[] } {
  const problems = [
    ...Object.entries(include).flatMap(
      ([alias, { id }]) => followed(id, ['include', alias, 'id'], names).problems,
    ),
    ...(when === undefined ? [] : condition(when, ['when'], names)),
  ];
  if (forEach === undefined) return { inner: names, problems };
  const items = followed(forEach.items, ['forEach', 'items'], names);
  const inner = { ...names, [forEach.as]: items.shape.item() };
  const asked =
    forEach.when === undefined ? [] : condition(forEach.when, ['forEach', 'when'], inner);
  return { inner, problems: [...problems, ...items.problems, ...asked] };
}

interface Followed {
  readonly shape: Shape;
  readonly problems: readonly Found[];
}

/** The shape at the end of a path. */
function followed(text: string, path: PointerPath, names: Names): Followed {
  const parsed = parsePath(text);
  let shape = (parsed === null ? undefined : names[parsed.root]) ?? ANYTHING;
  for (const segment of parsed?.segments ?? []) {
    const next = typeof segment === 'number' ? shape.item() : shape.member(segment);
    if (next === null)
      return { shape: ANYTHING, problems: [noField(String(segment), path, shape)] };
    shape = next;
  }
  return { shape, problems: [] };
}

function noField(name: string, path: PointerPath, holder: Shape): Found {
  const hint = didYouMean(name, holder.names);
  return error(path, 'unknown_field', `There is no field "${name}" here.`, hint);
}

function error(
  path: PointerPath,
  code: string,
  message: string,
  hint: string | null = null,
  more: Partial<Pick<Found, 'severity' | 'at'>> = {},
): Found {
  const { row, pointer } = problemAt(path, code, message, hint);
  return { row, pointer, code, message, hint, severity: 'error', at: null, ...more };
}

function expression(text: string, path: PointerPath, names: Names): Followed {
  const { shape, problems } = checkKinds(text, names);
  const found = problems.map(({ code, message, hint, at, certain }) =>
    error(path, code, `${message} (at character ${at + 1})`, hint, {
      at,
      severity: certain ? 'error' : 'warning',
    }),
  );
  return { shape, problems: found };
}

function condition(text: string, path: PointerPath, names: Names): readonly Found[] {
  const { shape, problems } = expression(text, path, names);
  if (shape.kind === 'boolean' || shape.kind === 'any') return problems;
  return [...problems, error(path, 'type_mismatch', 'A condition must be true or false.')];
}

function anyRow(
  looking: Looking,
  name: string,
  row: AnyRow,
  path: PointerPath,
  names: Names,
): readonly Found[] {
  const target = targetOf(looking, name, path, isEachRow(row));
  if (!isEachRow(row))
    return [...target.problems, ...oneRow(looking, row, path, names, target.shape)];
  const items = followed(row.each, [...path, 'each'], names);
  const inner = { ...names, [row.as]: items.shape.item() };
  return [
    ...target.problems,
    ...items.problems,
    ...(row.when === undefined ? [] : condition(row.when, [...path, 'when'], inner)),
    ...Object.entries(row.fields).flatMap(([each, nested]) =>
      oneRow(looking, nested, [...path, 'fields', each], inner, memberAt(target.shape, each)),
    ),
  ];
}

/** A field of a line is described only where its list is; elsewhere nothing is known of it. */
function memberAt(list: Shape, name: string): Shape {
  const [first = ''] = name.split('.');
  return list.member(name) ?? list.member(first) ?? ANYTHING;
}

function targetOf(
  { direction, target }: Looking,
  name: string,
  path: PointerPath,
  isList: boolean,
): Followed {
  if (direction.kind === 'inbound') {
    const field = targetFieldsOf(direction.noun).get(name);
    return { shape: field === undefined ? ANYTHING : shapeOfSchema(field.schema), problems: [] };
  }
  if (target === null) return { shape: ANYTHING, problems: [] };
  const whole = target.member(name);
  if (whole !== null) return { shape: whole, problems: whole.readOnly ? [filledThere(path)] : [] };
  const [first = ''] = name.split('.');
  // What lies within a described field, such as `entity.id` of a reference, is the system's own affair.
  if (target.member(first) !== null) return { shape: ANYTHING, problems: [] };
  const message = `The object has no field "${name}".`;
  const problem = error(path, 'unknown_target_field', message, didYouMean(name, target.names), {
    severity: isList ? 'warning' : 'error',
  });
  return { shape: ANYTHING, problems: [problem] };
}

function filledThere(path: PointerPath): Found {
  return error(path, 'read_only_field', 'The system fills this field itself; it takes no value.');
}

function oneRow(
  { steps, direction }: Looking,
  row: Row,
  path: PointerPath,
  names: Names,
  target: Shape,
): readonly Found[] {
  const { shape, problems } = sourceOf(row, path, names);
  const args = (row.steps ?? []).flatMap((step, index) =>
    stepArguments(step, [...path, 'steps', index], names),
  );
  if (row.value !== undefined) return [...problems, ...constant(row.value, path, target)];
  const noun = direction.kind === 'inbound' ? direction.noun : null;
  const field = noun === null ? null : targetFieldsOf(noun).get(String(path[1]))?.schema;
  const tried = tryRow(row, { shape, target, schema: field ?? null, steps });
  if (tried === null) return [...problems, ...args];
  const place = tried.part === null ? path : [...path, ...tried.part];
  return [...problems, ...args, error(place, 'type_mismatch', tried.message, tried.hint)];
}

function sourceOf(row: Row, path: PointerPath, names: Names): Followed {
  if (row.from !== undefined) return followed(row.from, [...path, 'from'], names);
  if (row.expr !== undefined) return expression(row.expr, [...path, 'expr'], names);
  if (typeof row.lookup !== 'object') return { shape: ANYTHING, problems: [] };
  const { problems } = followed(row.lookup.key, [...path, 'lookup', 'key'], names);
  return { shape: ANYTHING, problems };
}

/** An argument that reads as a path into something in sight is one. */
function stepArguments(
  step: NonNullable<Row['steps']>[number],
  path: PointerPath,
  names: Names,
): readonly Found[] {
  if (typeof step === 'string') return [];
  return Object.entries(step).flatMap(([name, argument]) => {
    if (typeof argument !== 'string') return [];
    const parsed = parsePath(argument);
    if (parsed === null || parsed.segments.length === 0 || !Object.hasOwn(names, parsed.root))
      return [];
    return followed(argument, [...path, name], names).problems;
  });
}

function constant(value: unknown, path: PointerPath, { options }: Shape): readonly Found[] {
  if (options.length === 0 || typeof value !== 'string' || options.includes(value)) return [];
  const hint = didYouMean(value, options) ?? `One of ${options.slice(0, 20).join(', ')}.`;
  const message = `The field has no option "${value}".`;
  return [error([...path, 'value'], 'unknown_option', message, hint, { severity: 'warning' })];
}
