import { defineTransform } from '../../src/sdk/define-transform.ts';
import { money } from '../../src/sdk/kernel.ts';
import { readDecimal, readText } from '../../src/sdk/read-value.ts';

export default defineTransform({
  name: 'amount',
  description: 'spells a figure at the exponent of the currency given as argument',
  takesArgument: true,
  apply: (value, currency) =>
    value === null || value === '' || currency === null
      ? null
      : money(readDecimal(value), readText(currency)).amount,
});
