import { defineTransform } from '../../src/sdk/define-transform.ts';
import { readInteger } from '../../src/sdk/read-value.ts';

export default defineTransform({
  name: 'integer',
  description: 'reads a whole number',
  takesArgument: false,
  apply: (value) => (value === null || value === '' ? null : readInteger(value)),
});
