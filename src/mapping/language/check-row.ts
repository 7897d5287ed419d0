import { ValidationError } from '../../kernel/errors.ts';
import type { TransformDefinition } from '../../sdk/define-transform.ts';
import { parsePath } from '../compile-path.ts';
import { compileExpression } from '../expressions/compile-expression.ts';
import { didYouMean } from './closest-name.ts';
import type { Row, Step } from './mapping-document.ts';
import type { PointerPath } from './mapping-problem.ts';
import { problemAt, type PlacedProblem } from './zod-problems.ts';

/** What rows may name: the steps that are installed and the variables in sight. */
export interface RowVocabulary {
  readonly steps: ReadonlyMap<string, TransformDefinition>;
  readonly names: readonly string[];
}

/** Everything that is wrong with one row. */
export function checkRow(
  row: Row,
  path: PointerPath,
  words: RowVocabulary,
): readonly PlacedProblem[] {
  return [
    ...checkKind(row, path),
    ...checkPaths(row, path, words),
    ...(row.expr === undefined ? [] : checkExpression(row.expr, [...path, 'expr'], words.names)),
    ...(row.steps ?? []).flatMap((step, index) =>
      checkStep(step, [...path, 'steps', index], words),
    ),
  ];
}

function checkKind(row: Row, path: PointerPath): readonly PlacedProblem[] {
  const lookupByPath = typeof row.lookup === 'object';
  const sources = [row.from, row.value, row.expr, lookupByPath ? row.lookup : undefined];
  const given = sources.filter((source) => source !== undefined).length;
  if (given !== 1) {
    const hint = 'Give exactly one of from, value, expr and lookup { table, key }.';
    const code = given === 0 ? 'row_without_source' : 'row_with_two_sources';
    return [problemAt(path, code, `The row has ${given} sources.`, hint)];
  }
  const problems: PlacedProblem[] = [];
  if (row.onMissing === 'keep' && row.lookup === undefined) {
    problems.push(
      problemAt(
        [...path, 'onMissing'],
        'bad_value',
        'onMissing: keep keeps the key of a lookup, and this row has none.',
      ),
    );
  }
  if (
    row.value !== undefined &&
    (row.steps !== undefined || row.to !== undefined || row.lookup !== undefined)
  ) {
    problems.push(
      problemAt(
        path,
        'bad_value',
        'A fixed value takes no steps, type or lookup. Write the result.',
      ),
    );
  }
  return problems;
}

function checkPaths(
  row: Row,
  path: PointerPath,
  { names }: RowVocabulary,
): readonly PlacedProblem[] {
  const from = row.from === undefined ? [] : checkPath(row.from, [...path, 'from'], names);
  if (typeof row.lookup !== 'object') return from;
  return [...from, ...checkPath(row.lookup.key, [...path, 'lookup', 'key'], names)];
}

/** A path must be well-formed and start at a name that exists. */
export function checkPath(
  text: string,
  path: PointerPath,
  names: readonly string[],
): readonly PlacedProblem[] {
  const parsed = parsePath(text);
  if (parsed === null) {
    const hint = 'Write src.Account.Name, src.lines[0] or src["a key"].';
    return [problemAt(path, 'bad_path', `"${text}" is not a path.`, hint)];
  }
  if (names.includes(parsed.root)) return [];
  const hint = didYouMean(parsed.root, names) ?? `A path starts with ${names.join(', ')}.`;
  return [
    problemAt(path, 'unknown_name', `There is no "${parsed.root}" in sight of this row.`, hint),
  ];
}

/** An expression must compile with the names in sight. */
export function checkExpression(
  text: string,
  path: PointerPath,
  names: readonly string[],
): readonly PlacedProblem[] {
  try {
    compileExpression(text, names);
    return [];
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error;
    const { code, at } = error.details;
    const where = typeof at === 'number' ? ` (at character ${at + 1})` : '';
    const unknown = /^Unknown variable: (\w+)$/.exec(error.message)?.[1];
    const hint = unknown === undefined ? null : didYouMean(unknown, names);
    return [
      problemAt(
        path,
        typeof code === 'string' ? code : 'bad_expression',
        `${error.message}${where}`,
        hint,
      ),
    ];
  }
}

function checkStep(
  step: Step,
  path: PointerPath,
  { steps }: RowVocabulary,
): readonly PlacedProblem[] {
  const name = stepName(step);
  const definition = steps.get(name);
  if (definition === undefined) {
    const hint = didYouMean(name, steps.keys()) ?? `One of ${[...steps.keys()].sort().join(', ')}.`;
    return [problemAt(path, 'unknown_step', `There is no step "${name}".`, hint)];
  }
  const given = typeof step === 'object';
  if (given === definition.takesArgument) return [];
  const hint = definition.takesArgument ? `Write { ${name}: argument }.` : `Write ${name} alone.`;
  return [
    problemAt(
      path,
      'step_argument',
      `The step "${name}" takes ${given ? 'no' : 'an'} argument.`,
      hint,
    ),
  ];
}

/** The name of a step, written alone or with its argument. */
export function stepName(step: Step): string {
  return typeof step === 'string' ? step : (Object.keys(step)[0] ?? '');
}
