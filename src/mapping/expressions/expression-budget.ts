import { ValidationError } from '../../kernel/errors.ts';

/**
 * Steps that all expressions of one record may take together: about 0.2 s at 0.1 µs a step on the slowest machine
 * that we care for. A count, not a clock, so that a replay of the same record ends the same way.
 */
export const MAX_STEPS = 2_000_000;

/** Sizes of nested loops that multiply beyond this are refused (contract §8). */
export const MAX_ITERATIONS = 100_000;

/** Text that an expression makes or reads at once. */
export const MAX_TEXT = 65_536;

const spent: { steps: number; iterations: number; error: ValidationError | null } = {
  steps: 0,
  iterations: 0,
  error: null,
};

/** Starts the count for a new record. */
export function resetBudget(): void {
  spent.steps = 0;
  spent.iterations = 0;
  spent.error = null;
}

/** Counts steps. Throws a ValidationError when the record's budget is used up, and ever after until the reset. */
export function spendSteps(steps: number): void {
  spent.steps += steps;
  if (spent.steps > MAX_STEPS) throw overBudget();
}

/** Counts the rounds of a loop and what their bodies cost. */
export function spendLoop(rounds: number, stepsPerRound: number): void {
  spent.iterations += rounds;
  if (spent.iterations > MAX_ITERATIONS) throw overBudget();
  spendSteps(rounds * stepsPerRound);
}

/** Throws if the budget was used up, also where an expression swallowed the error with `||`. */
export function assertWithinBudget(): void {
  if (spent.steps > MAX_STEPS || spent.iterations > MAX_ITERATIONS) throw overBudget();
}

/** Counts a text; throws if it is too long to work on. */
export function spendText(text: string): string {
  if (text.length > MAX_TEXT) {
    throw new ValidationError(
      `A text of more than ${MAX_TEXT} characters was given to a function.`,
      {
        details: { code: 'text_too_long' },
      },
    );
  }
  spendSteps(1 + (text.length >> 4));
  return text;
}

/** One error a record: loops that swallow errors would otherwise build thousands of them, each with its stack. */
function overBudget(): ValidationError {
  spent.error ??= new ValidationError(
    `The expressions of this record took more than ${MAX_STEPS} steps or ${MAX_ITERATIONS} loop rounds. Loop over shorter lists.`,
    { details: { code: 'expression_too_costly' } },
  );
  return spent.error;
}
