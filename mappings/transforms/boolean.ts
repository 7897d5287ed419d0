import { defineTransform } from '../../src/sdk/define-transform.ts';
import { readBoolean } from '../../src/sdk/read-value.ts';

export default defineTransform({
  name: 'boolean',
  description: 'reads yes or no in any spelling: true, T, yes, Y, 1',
  takesArgument: false,
  apply: (value) => (value === null || value === '' ? null : readBoolean(value)),
});
