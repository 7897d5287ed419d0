import { defineTransform } from '../../src/sdk/define-transform.ts';
import { readText } from '../../src/sdk/read-value.ts';

export default defineTransform({
  name: 'lower',
  description: 'makes a text lower case',
  takesArgument: false,
  apply: (value) => (value === null ? null : readText(value).toLowerCase()),
});
