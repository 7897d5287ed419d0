import { defineTransform } from '../../src/sdk/define-transform.ts';
import { readText } from '../../src/sdk/read-value.ts';

export default defineTransform({
  name: 'text',
  description: 'spells a text, a figure or a yes/no as text',
  takesArgument: false,
  apply: (value) => (value === null ? null : readText(value)),
});
