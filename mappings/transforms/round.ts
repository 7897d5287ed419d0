import { defineTransform } from '../../src/sdk/define-transform.ts';
import { readDecimal, readInteger } from '../../src/sdk/read-value.ts';
import { roundDecimal } from '../../src/sdk/round-decimal.ts';

export default defineTransform({
  name: 'round',
  description: 'rounds a figure to the given decimal places, half-up away from zero',
  takesArgument: true,
  apply: (value, places) =>
    value === null || value === '' ? null : roundDecimal(readDecimal(value), readInteger(places)),
});
