import { ValidationError } from '../kernel/errors.ts';
import { parseDecimal, toFixed } from '../kernel/rational.ts';

/** A decimal text rounded half-up, away from zero, to exactly `places` decimals (0 to 20). */
export function roundDecimal(decimal: string, places: number): string {
  if (!Number.isInteger(places) || places < 0 || places > 20) {
    throw new ValidationError('expected 0 to 20 decimal places');
  }
  return toFixed(parseDecimal(decimal), places);
}
