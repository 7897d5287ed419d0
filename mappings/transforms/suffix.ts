import { defineTransform } from '../../src/sdk/define-transform.ts';
import { readText } from '../../src/sdk/read-value.ts';

export default defineTransform({
  name: 'suffix',
  description: 'puts the argument after a text',
  takesArgument: true,
  apply: (value, suffix) => (value === null ? null : `${readText(value)}${readText(suffix)}`),
});
