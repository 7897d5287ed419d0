import { defineTransform } from '../../src/sdk/define-transform.ts';
import { readText } from '../../src/sdk/read-value.ts';

export default defineTransform({
  name: 'prefix',
  description: 'puts the argument before a text',
  takesArgument: true,
  apply: (value, prefix) => (value === null ? null : `${readText(prefix)}${readText(value)}`),
});
