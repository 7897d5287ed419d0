import { defineTransform } from '../../src/sdk/define-transform.ts';
import { readDate, readText } from '../../src/sdk/read-value.ts';

export default defineTransform({
  name: 'date-format',
  description: 'reads a date of the given form, such as M/D/YYYY',
  takesArgument: true,
  apply: (value, format) =>
    value === null || value === '' ? null : readDate(value, readText(format)),
});
