import { Optional, type ParseResult } from '@marcbachmann/cel-js';
import { HubError, messageOf, ValidationError } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/hash.ts';
import type { Scope } from '../compile-path.ts';
import { assertWithinBudget, MAX_TEXT, spendSteps } from './expression-budget.ts';
import { environmentsFor } from './expression-environment.ts';
import { guardExpression } from './guard-expression.ts';

/** A compiled expression. The engine behind it is our own business. */
export interface Expression {
  readonly text: string;
  /** Lookup tables that it reads. */
  readonly lookups: readonly string[];
  /**
   * Runs on one record. `null` means no value; whole numbers come as numbers, or as text beyond 2^53.
   * Throws a ValidationError (`details.code`) whose message holds no value of the record.
   */
  evaluate(scope: Scope): Json;
}

const MAX_EXPRESSION = 4_000;
/** Values that one result may hold, so that a list of lists cannot grow without bound. */
const MAX_RESULT = 100_000;

/**
 * Compiles a CEL expression in which exactly `variables` exist.
 * Throws a ValidationError: `details.code`, and `details.at`, the character at which it goes wrong.
 */
export function compileExpression(text: string, variables: readonly string[]): Expression {
  if (text.length > MAX_EXPRESSION) {
    throw new ValidationError(`An expression may have ${MAX_EXPRESSION} characters.`, {
      details: { code: 'expression_too_long' },
    });
  }
  const { written, guarded } = environmentsFor(variables);
  const source = parsed(() => written.parse(text));
  const guard = guardExpression(source.ast);
  checked(source);
  const runnable = parsed(() => guarded.parse(guard.text));
  checked(runnable);
  return {
    text,
    lookups: guard.lookups,
    evaluate: (scope) => evaluate(runnable, scope, guard.nodes, text),
  };
}

function evaluate(runnable: ParseResult, scope: Scope, nodes: number, text: string): Json {
  try {
    spendSteps(nodes);
    const value: unknown = runnable(scope);
    assertWithinBudget();
    return toJson(value, { left: MAX_RESULT });
  } catch (error) {
    if (error instanceof HubError) throw error;
    throw new ValidationError(reasonOf(error, text), {
      details: { code: codeOf(error) },
      cause: error,
    });
  }
}

function parsed(parse: () => ParseResult): ParseResult {
  try {
    return parse();
  } catch (error) {
    throw syntaxError(error);
  }
}

function checked(expression: ParseResult): void {
  const result = expression.check();
  if (!result.valid) throw syntaxError(result.error);
}

interface EngineError {
  readonly code?: unknown;
  readonly summary?: unknown;
  readonly range?: { readonly start: number };
}

function engineError(error: unknown): EngineError {
  return typeof error === 'object' && error !== null ? error : {};
}

function codeOf(error: unknown): string {
  const { code } = engineError(error);
  return typeof code === 'string' ? code : 'expression_failed';
}

function syntaxError(error: unknown): ValidationError {
  const { summary, range } = engineError(error);
  const message = typeof summary === 'string' ? summary : messageOf(error);
  return new ValidationError(message, { details: { code: codeOf(error), at: range?.start ?? 0 } });
}

/** The engine's messages may quote values; only a key that the expression itself spells out is repeated. */
function reasonOf(error: unknown, text: string): string {
  const { code, summary } = engineError(error);
  if (typeof summary !== 'string') return 'The expression failed.';
  const key = code === 'no_such_key' ? /^No such key: (\w+)$/.exec(summary)?.[1] : undefined;
  if (key !== undefined && text.includes(key)) {
    return `The record has no "${key}". Write .?${key} if it may be absent.`;
  }
  return SAFE_CODES.has(codeOf(error)) ? summary : `The expression failed (${codeOf(error)}).`;
}

/** Messages with these codes name types, never values. */
const SAFE_CODES = new Set([
  'no_such_overload',
  'no_matching_overload',
  'division_by_zero',
  'modulo_by_zero',
  'invalid_condition_type',
  'invalid_logical_operand',
  'invalid_comprehension_range',
  'optional_value_missing',
]);

function toJson(value: unknown, budget: { left: number }): Json {
  budget.left -= 1;
  if (budget.left < 0) throw resultError('A result may hold 100,000 values.');
  if (typeof value === 'string') {
    if (value.length > MAX_TEXT) throw resultError(`A text may have ${MAX_TEXT} characters.`);
    return value;
  }
  if (typeof value === 'boolean') return value;
  if (typeof value === 'bigint') return exactInteger(value);
  if (typeof value !== 'number') return objectToJson(value, budget);
  // JSON has no minus zero.
  if (Number.isFinite(value)) return value === 0 ? 0 : value;
  throw resultError('The result is not a finite number; a figure was divided by zero.');
}

function exactInteger(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value.toString();
}

function objectToJson(value: unknown, budget: { left: number }): Json {
  if (value === null || value === undefined) return null;
  if (value instanceof Optional) return toJson(value.orValue(null), budget);
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map((each) => toJson(each, budget));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, each]) => [key, toJson(each, budget)]),
    );
  }
  throw resultError('The result is neither text, number, yes or no, list nor object.');
}

function resultError(message: string): ValidationError {
  return new ValidationError(message, { details: { code: 'bad_result' } });
}
