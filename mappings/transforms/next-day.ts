import { defineTransform } from '../../src/sdk/define-transform.ts';
import { endExclusive } from '../../src/sdk/kernel.ts';
import { readDate } from '../../src/sdk/read-value.ts';

export default defineTransform({
  name: 'next-day',
  description: 'gives the day after: an inclusive end becomes an exclusive one',
  takesArgument: false,
  apply: (value) => (value === null || value === '' ? null : endExclusive(readDate(value))),
});
