import { defineTransform } from '../../src/sdk/define-transform.ts';
import { readText } from '../../src/sdk/read-value.ts';

export default defineTransform({
  name: 'upper',
  description: 'makes a text upper case',
  takesArgument: false,
  apply: (value) => (value === null ? null : readText(value).toUpperCase()),
});
