import { defineTransform } from '../../src/sdk/define-transform.ts';
import { money } from '../../src/sdk/kernel.ts';
import { readDecimal, readText } from '../../src/sdk/read-value.ts';

export default defineTransform({
  name: 'amount',
  description:
    'spells a figure at the exponent of the currency given as argument; without one the figure stays',
  takesArgument: true,
  apply: (value, currency) => {
    if (value === null || value === '') return null;
    const figure = readDecimal(value);
    // A system with one currency does not name it, and what it is worth must not get lost over that.
    return currency === null ? figure : money(figure, readText(currency)).amount;
  },
});
