import { defineTransform } from '../../src/sdk/define-transform.ts';

export default defineTransform({
  name: 'default',
  description: 'gives the argument where there is no value',
  takesArgument: true,
  apply: (value, fallback) => (value === null || value === '' ? fallback : value),
});
