import { defineTransform } from '../../src/sdk/define-transform.ts';
import { readNumber } from '../../src/sdk/read-value.ts';

export default defineTransform({
  name: 'number',
  description: 'reads a figure of at most 15 digits as a number',
  takesArgument: false,
  apply: (value) => (value === null || value === '' ? null : readNumber(value)),
});
