import { RE2JS } from '@bufbuild/re2';
import { ValidationError } from '../../kernel/errors.ts';
import { spendSteps } from './expression-budget.ts';

const MAX_PATTERNS = 500;
const MAX_PATTERN = 1_000;
/** Compiling costs about as much as this many steps, so that a pattern made per record is paid for. */
const COMPILE_STEPS = 5_000;

const patterns = new Map<string, RE2JS>();

/** True if the pattern is found in the text. RE2: time grows linearly with the text, whatever the pattern. */
export function regexFinds(text: string, pattern: string): boolean {
  const compiled = patterns.get(pattern) ?? compile(pattern);
  spendSteps(1 + text.length * (1 + (pattern.length >> 3)));
  return compiled.test(text);
}

function compile(pattern: string): RE2JS {
  if (pattern.length > MAX_PATTERN) {
    throw new ValidationError(`A pattern may have ${MAX_PATTERN} characters.`, {
      details: { code: 'pattern_too_long' },
    });
  }
  spendSteps(COMPILE_STEPS);
  const compiled = tryCompile(pattern);
  const oldest = patterns.size >= MAX_PATTERNS ? patterns.keys().next().value : undefined;
  if (oldest !== undefined) patterns.delete(oldest);
  patterns.set(pattern, compiled);
  return compiled;
}

function tryCompile(pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    throw new ValidationError('The pattern is not an RE2 regular expression.', {
      details: { code: 'bad_pattern' },
      cause: error,
    });
  }
}
