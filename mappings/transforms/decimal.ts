import { defineTransform } from '../../src/sdk/define-transform.ts';
import { readDecimal } from '../../src/sdk/read-value.ts';

export default defineTransform({
  name: 'decimal',
  description: 'reads a figure as exact decimal text, such as 1200.5',
  takesArgument: false,
  apply: (value) => (value === null || value === '' ? null : readDecimal(value)),
});
