import { defineTransform } from '../../src/sdk/define-transform.ts';
import { readText } from '../../src/sdk/read-value.ts';

export default defineTransform({
  name: 'trim',
  description: 'removes blanks at both ends of a text',
  takesArgument: false,
  apply: (value) => (value === null ? null : readText(value).trim()),
});
