import { defineTransform } from '../../src/sdk/define-transform.ts';
import { endInclusive } from '../../src/sdk/kernel.ts';
import { readDate } from '../../src/sdk/read-value.ts';

export default defineTransform({
  name: 'previous-day',
  description: 'gives the day before: an exclusive end becomes an inclusive one',
  takesArgument: false,
  apply: (value) => (value === null || value === '' ? null : endInclusive(readDate(value))),
});
