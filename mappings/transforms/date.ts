import { defineTransform } from '../../src/sdk/define-transform.ts';
import { readDate } from '../../src/sdk/read-value.ts';

export default defineTransform({
  name: 'date',
  description: 'reads a date such as 2026-03-31, or the date of an instant',
  takesArgument: false,
  apply: (value) => (value === null || value === '' ? null : readDate(value)),
});
